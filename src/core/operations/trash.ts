import { RemoteError, toRemoteError } from '../errors.ts';
import { t } from '../l10n.ts';
import { basename, child, contains } from '../path.ts';
import type { Attributes, Call, Remote } from '../remote.ts';
import { copyFile } from './copyFile.ts';
import { lstatIfThere } from './saveTarget.ts';
import { temporaryBeside } from './temporary.ts';
import { makeTrashEntry, removeEmptyEntry } from './trashFolder.ts';
import { UnsettledError } from './unsettled.ts';

/** A thing on its way into the trash. */
interface Trashing {
  readonly path: string;
  /** The folders of its entry. */
  readonly entry: readonly string[];
  /** Where it goes, within the entry. */
  readonly item: string;
  /** The trash. */
  readonly folder: string;
}

/**
 * Moves what is at `path` into the trash `folder` in one step of the server, a link as such, with all that a folder holds. `origin`: the
 * path that it is remembered by, where that is another. `NotFound` where there is nothing. Nothing is deleted when it fails: at every moment it is whole, at its place or in
 * the trash; `UnsettledError` when the link was lost on the way.
 *
 * The server refuses where the trash is on another file system: a file is then copied on the server, where it can, and a folder stays.
 */
export async function moveToTrash(
  remote: Remote,
  folder: string,
  path: string,
  { origin = path, signal }: Call & { readonly origin?: string } = {},
): Promise<void> {
  if (contains(path, folder)) throw holdsTrash(path, folder);
  const entry = await makeEntry(remote, folder, origin, { signal });
  const trashing: Trashing = { path, entry, item: child(entry.at(-1) ?? folder, basename(origin)), folder };
  await rename(remote, trashing);
}

async function makeEntry(remote: Remote, folder: string, origin: string, call: Call): Promise<readonly string[]> {
  try {
    return await makeTrashEntry(remote, folder, origin, call);
  } catch (error) {
    const reason = toRemoteError(error);
    if (reason.dropsConnection || reason.code === 'Cancelled') throw reason;
    throw reason.with({ hint: t('Nothing was deleted. The trash of this host is set to {0}: see “trash” in its settings.', folder) });
  }
}

/** The entry is new and ours: nothing can be in the way. Not to be cancelled: a rename that was sent can't be called back. */
async function rename(remote: Remote, trashing: Trashing): Promise<void> {
  const { path, item, entry } = trashing;
  try {
    await remote.rename(path, item, { replace: remote.facts.atomicReplace });
  } catch (error) {
    const reason = toRemoteError(error);
    if (reason.dropsConnection) throw unsettled(trashing, reason);
    if (reason.code === 'Unknown' || reason.code === 'Unsupported') return copyOver(remote, trashing, reason);
    await removeEmptyEntry(remote, entry);
    throw reason;
  }
}

function unsettled(trashing: Trashing, reason: RemoteError): UnsettledError {
  const hint = t('It is at its old place, or in the trash as {0}.', trashing.item);
  return new UnsettledError(reason, (next) => settle(next, trashing), { hint });
}

async function settle(remote: Remote, trashing: Trashing): Promise<void> {
  const { path, item } = trashing;
  // What is at the old place again is somebody else's.
  if ((await lstatIfThere(remote, item, {})) !== undefined) return;
  if ((await lstatIfThere(remote, path, {})) !== undefined) return rename(remote, trashing);
  throw new RemoteError('NotFound', t('Somebody else deleted or moved it meanwhile.'), { path });
}

/** On one server and without a detour through this computer, or not at all. */
async function copyOver(remote: Remote, trashing: Trashing, refusal: RemoteError): Promise<void> {
  const { path, item, entry, folder } = trashing;
  const source = await remote.lstat(path);
  if (remote.copyOnServer === undefined || source.kind !== 'file') {
    await removeEmptyEntry(remote, entry);
    throw elsewhere(path, folder, refusal);
  }
  // Half of a copy must not look like what was deleted.
  const half = temporaryBeside(item, 'tmp');
  await copyFile({ from: remote, to: remote, source: path, target: half, attributes: source }, {});
  await remote.rename(half, item, { replace: false });
  await removeCopied(remote, trashing, source);
}

async function removeCopied(remote: Remote, { path, item }: Trashing, copied: Attributes): Promise<void> {
  const now = await remote.lstat(path);
  if (now.size !== copied.size || now.mtime !== copied.mtime)
    throw new RemoteError('Busy', t('The file changed while it was copied to the trash. It was not deleted.'), { path, retryable: false });
  try {
    await remote.unlink(path);
  } catch (error) {
    const reason = toRemoteError(error);
    const hint = t('A copy is in the trash as {0}.', item);
    if (!reason.dropsConnection) throw reason.with({ hint });
    throw new UnsettledError(
      reason,
      async (next) => {
        if ((await lstatIfThere(next, path, {})) !== undefined) await next.unlink(path);
      },
      { hint },
    );
  }
}

function elsewhere(path: string, folder: string, { message, code, cause }: RemoteError): RemoteError {
  return new RemoteError(code, t('The server did not move it into the trash {0}: {1} Nothing was deleted.', folder, message), {
    path,
    hint: t('A trash on another disk of the server takes no folders. Choose another folder as “trash” of the host, or “off”.'),
    cause,
  });
}

function holdsTrash(path: string, folder: string): RemoteError {
  return new RemoteError('Denied', t('The trash of this host is in it, so it can not be moved there. Nothing was deleted.'), {
    path,
    hint: t('Empty the trash {0} first, and set “trash” of the host to “off” or to another folder.', folder),
  });
}
