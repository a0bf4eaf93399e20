import { abortError, isRemoteError, RemoteError, toRemoteError } from '../errors.ts';
import type { HostProfile } from '../host.ts';
import { t } from '../l10n.ts';
import type { Attributes, Remote } from '../remote.ts';
import { assertUntouched, changed } from './conflict.ts';
import type { SaveJournal } from './save.ts';
import { UnsettledError } from './saveErrors.ts';
import { lstatIfThere } from './saveTarget.ts';
import { forgetTemporary, removeTemporary, temporaryBeside } from './temporary.ts';
import { type Version, versionOf } from './version.ts';

/** A temporary that holds `content`, whole and confirmed, and the file that it is to become. */
export interface Replacement {
  readonly temporary: string;
  readonly target: string;
  /** The file at `target` as it was seen; undefined: there is none, and one that comes into being meanwhile must stay. */
  readonly before: Attributes | undefined;
  readonly content: Uint8Array;
  readonly profile: HostProfile;
  learn(facts: HostProfile): void;
  readonly journal: SaveJournal;
  readonly signal: AbortSignal | undefined;
}

/**
 * Brings the temporary to its place. At every moment one of both contents is there in full, under the file's name or, on servers that
 * refuse to rename onto a file, for two commands under a name beside it. After a plain failure the old file is back and the temporary is
 * still there; `UnsettledError` when the link was lost on the way.
 */
export async function replaceFile(remote: Remote, replacement: Replacement): Promise<void> {
  const { before, profile, signal } = replacement;
  if (signal?.aborted === true) throw abortError(signal);
  if (before === undefined) return renameOrUnsettled(remote, replacement, { replace: false });
  if (remote.facts.atomicReplace && profile.renameRefusesExisting !== true) {
    try {
      await renameOrUnsettled(remote, replacement, { replace: true });
      return;
    } catch (error) {
      if (!isRemoteError(error, 'Exists')) throw error;
      replacement.learn({ renameRefusesExisting: true });
    }
  }
  await replaceAside(remote, replacement);
}

/** Not to be cancelled from here on: a rename that was sent can't be called back, only its outcome be missed. */
async function renameOrUnsettled(remote: Remote, replacement: Replacement, options: { readonly replace: boolean }): Promise<void> {
  try {
    await remote.rename(replacement.temporary, replacement.target, options);
  } catch (error) {
    const reason = toRemoteError(error);
    if (!reason.dropsConnection && reason.code !== 'Cancelled') throw reason;
    throw new UnsettledError(reason, (next) => settleRename(next, replacement));
  }
}

/**
 * After the reply to a rename was lost: where the temporary is gone and the target has the content's size it was done; else it is done now.
 * Throws `Conflict` where the target is something else by now, the connection's error where it fails again.
 */
export async function settleRename(remote: Remote, replacement: Replacement): Promise<Version> {
  const { temporary, target, content } = replacement;
  const [left, now] = [await lstatIfThere(remote, temporary, {}), await lstatIfThere(remote, target, {})];
  if (left !== undefined) {
    if (left.size !== content.length) throw lostContent(target);
    if (now !== undefined) await assertUntouched(target, replacement.before, now);
    await replaceFile(remote, { ...replacement, before: now, signal: undefined });
    await forgetTemporary(temporary, replacement.journal);
    return versionOf((await lstatIfThere(remote, target, {})) ?? left, content);
  }
  if (now === undefined) throw lostContent(target);
  if (now.size !== content.length) throw changed(target, await versionOf(now));
  await forgetTemporary(temporary, replacement.journal);
  return versionOf(now, content);
}

function lostContent(path: string): RemoteError {
  return new RemoteError('Lost', t('The link was lost while the file was saved, and the new content is not on the server.'), {
    path,
    retryable: false,
    dropsConnection: false,
    hint: t('Save again.'),
  });
}

/** Old aside, new in, old away; never a delete first. */
async function replaceAside(remote: Remote, replacement: Replacement): Promise<void> {
  const { temporary, target, journal, content } = replacement;
  const aside = temporaryBeside(target, 'old');
  const kept = await journal.keep({ path: target, old: undefined, aside, new: content });
  // From here until the end both files beside the target matter: a clean-up after a crash must find neither.
  await journal.removeTemporary(temporary);
  const state: Aside = { ...replacement, aside, kept };
  try {
    await swap(remote, state);
  } catch (error) {
    const reason = toRemoteError(error);
    if (reason.dropsConnection || reason.code === 'Cancelled') throw new UnsettledError(reason, (next) => settleAside(next, state));
    await journal.addTemporary(temporary);
    throw reason;
  }
}

interface Aside extends Replacement {
  readonly aside: string;
  readonly kept: { readonly location: string; done(): Promise<void> };
}

async function swap(remote: Remote, state: Aside): Promise<void> {
  const { temporary, target, aside, kept } = state;
  try {
    await remote.rename(target, aside, { replace: false });
  } catch (error) {
    if (!toRemoteError(error).dropsConnection) await kept.done();
    throw error;
  }
  try {
    await remote.rename(temporary, target, { replace: false });
  } catch (error) {
    if (toRemoteError(error).dropsConnection) throw error;
    await putBack(remote, state, toRemoteError(error));
    throw error;
  }
  await finishAside(remote, state);
}

async function putBack(remote: Remote, { target, aside, kept }: Aside, reason: RemoteError): Promise<void> {
  try {
    await remote.rename(aside, target, { replace: false });
  } catch (error) {
    if (toRemoteError(error).dropsConnection) throw error;
    throw reason.with({ hint: t('What the file held is on the server as {0}; a copy of your text is in {1}.', aside, kept.location) });
  }
  await kept.done();
}

async function finishAside(remote: Remote, { aside, kept, journal }: Aside): Promise<void> {
  // Only now, with the new content in place, is the old one of no value.
  await journal.addTemporary(aside);
  await kept.done();
  await removeTemporary(remote, aside, journal);
}

/** Goes on where the link was lost between the steps of `swap`. */
async function settleAside(remote: Remote, state: Aside): Promise<Version> {
  const { temporary, target, aside, content } = state;
  const look = (path: string): Promise<Attributes | undefined> => lstatIfThere(remote, path, {});
  const [left, now, old] = [await look(temporary), await look(target), await look(aside)];
  if (left === undefined && now?.size !== content.length) {
    if (now === undefined && old !== undefined) await putBack(remote, state, lostContent(target));
    throw lostContent(target);
  }
  if (left !== undefined) {
    if (old === undefined && now !== undefined) await remote.rename(target, aside, { replace: false });
    if (old !== undefined && now !== undefined) throw changed(target, await versionOf(now));
    await remote.rename(temporary, target, { replace: false });
  }
  await finishAside(remote, state);
  return versionOf((await look(target)) ?? { size: content.length, mtime: undefined }, content);
}
