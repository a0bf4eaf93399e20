import { RemoteError, toRemoteError } from '../errors.ts';
import { t } from '../l10n.ts';
import type { Attributes, Remote } from '../remote.ts';
import { changed } from './conflict.ts';
import type { Replacement } from './replaceFile.ts';
import { lostContent } from './saveErrors.ts';
import { lstatIfThere } from './saveTarget.ts';
import { forgetTemporary, removeTemporary, temporaryBeside } from './temporary.ts';
import { UnsettledError } from './unsettled.ts';
import { type Version, versionOf } from './version.ts';

interface Aside extends Replacement {
  /** Where the old content is meanwhile. */
  readonly aside: string;
  readonly kept: { readonly location: string; done(): Promise<void> };
}

/** Old aside, new in, old away; never a delete first. For servers that refuse to rename onto a file. */
export async function replaceAside(remote: Remote, replacement: Replacement): Promise<void> {
  const { temporary, target, journal, content } = replacement;
  const aside = temporaryBeside(target, 'old');
  const kept = await journal.keep({ path: target, old: undefined, aside, new: content });
  const state: Aside = { ...replacement, aside, kept };
  await journal.addAside({ to: target, aside, from: temporary });
  try {
    await remote.rename(target, aside, { replace: false });
    await remote.rename(temporary, target, { replace: false });
  } catch (error) {
    await recover(remote, state, toRemoteError(error));
    return;
  }
  await finish(remote, state);
}

interface Sight {
  readonly temporary: Attributes | undefined;
  readonly target: Attributes | undefined;
  readonly aside: Attributes | undefined;
}

async function look(remote: Remote, { temporary, target, aside }: Aside): Promise<Sight> {
  return {
    temporary: await lstatIfThere(remote, temporary, {}),
    target: await lstatIfThere(remote, target, {}),
    aside: await lstatIfThere(remote, aside, {}),
  };
}

/** After a rename that failed, as the server says. What is there counts, not what was said: returns if all is done, else undoes and throws. */
async function recover(remote: Remote, state: Aside, reason: RemoteError): Promise<void> {
  if (reason.dropsConnection || reason.code === 'Cancelled') throw unsettled(state, reason);
  try {
    const seen = await look(remote, state);
    if (isDone(seen, state)) {
      await finish(remote, state);
      return;
    }
    if (seen.target === undefined && seen.aside !== undefined) await remote.rename(state.aside, state.target, { replace: false });
    else if (seen.target === undefined || seen.aside !== undefined) throw reason;
  } catch (error) {
    if (toRemoteError(error).dropsConnection) throw unsettled(state, reason);
    throw reason.withHint(whereabouts(state));
  }
  await state.kept.done();
  await forgetTemporary(state.aside, state.journal);
  throw reason;
}

function isDone({ temporary, target }: Sight, { content }: Aside): boolean {
  return temporary === undefined && target?.size === content.length;
}

/** Only now, with the new content in place, is the old one of no value. */
async function finish(remote: Remote, { aside, kept, journal, temporary }: Aside): Promise<void> {
  await forgetTemporary(temporary, journal);
  await kept.done();
  await removeTemporary(remote, aside, journal);
}

function unsettled(state: Aside, reason: RemoteError): UnsettledError {
  return new UnsettledError(reason.withHint(whereabouts(state)), (remote) => settle(remote, state));
}

function whereabouts({ aside, kept }: Aside): string {
  return t('What the file held may be on the server as {0}; a copy of your text is in {1}.', aside, kept.location);
}

/** Goes on, on a new connection, where the link was lost on the way. */
async function settle(remote: Remote, state: Aside): Promise<Version> {
  const { target, content, aside } = state;
  const seen = await look(remote, state);
  if (!isDone(seen, state)) {
    if (seen.target !== undefined && seen.aside !== undefined) throw changed(target, await versionOf(seen.target));
    if (seen.temporary === undefined) {
      if (seen.target === undefined && seen.aside !== undefined) await remote.rename(aside, target, { replace: false });
      throw lostContent(target);
    }
    if (seen.target !== undefined) await remote.rename(target, aside, { replace: false });
    await remote.rename(state.temporary, target, { replace: false });
  }
  await finish(remote, state);
  return versionOf((await lstatIfThere(remote, target, {})) ?? { size: content.length, mtime: undefined }, content);
}
