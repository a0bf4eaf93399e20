import { abortError, isRemoteError, toRemoteError } from '../errors.ts';
import type { HostProfile } from '../host.ts';
import type { Attributes, Remote, RenameOptions } from '../remote.ts';
import { assertUntouched, changed } from './conflict.ts';
import { replaceAside } from './replaceAside.ts';
import type { SaveJournal } from './save.ts';
import { lostContent } from './saveErrors.ts';
import { lstatIfThere } from './saveTarget.ts';
import { forgetTemporary } from './temporary.ts';
import { UnsettledError } from './unsettled.ts';
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
  /** As in `RenameOptions`, of `temporary` and `target`. */
  readonly areFiles: boolean;
  /** Called at once after the server was asked to rename; where it refuses that, `learn` is called and other commands bring it in. */
  readonly onRename?: (() => void) | undefined;
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
      await renameOrUnsettled(remote, replacement, { replace: true, areFiles: replacement.areFiles });
      return;
    } catch (error) {
      if (!isRemoteError(error, 'Exists')) throw error;
      replacement.learn({ renameRefusesExisting: true });
    }
  }
  await replaceAside(remote, replacement);
}

/** Not to be cancelled from here on: a rename that was sent can't be called back, only its outcome be missed. */
async function renameOrUnsettled(remote: Remote, replacement: Replacement, options: RenameOptions): Promise<void> {
  try {
    const renaming = remote.rename(replacement.temporary, replacement.target, options);
    replacement.onRename?.();
    await renaming;
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
async function settleRename(remote: Remote, replacement: Replacement): Promise<Version> {
  const { temporary, target, content } = replacement;
  const [left, now] = [await lstatIfThere(remote, temporary, {}), await lstatIfThere(remote, target, {})];
  if (left !== undefined) {
    if (left.size !== content.length) throw lostContent(target);
    if (now !== undefined) await assertUntouched(target, replacement.before, now);
    await replaceFile(remote, { ...replacement, before: now, signal: undefined, areFiles: false });
    await forgetTemporary(temporary, replacement.journal);
    return versionOf((await lstatIfThere(remote, target, {})) ?? left, content);
  }
  if (now === undefined) throw lostContent(target);
  if (now.size !== content.length) throw changed(target, await versionOf(now));
  await forgetTemporary(temporary, replacement.journal);
  return versionOf(now, content);
}
