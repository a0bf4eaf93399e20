import { RemoteError } from '../errors.ts';
import { t } from '../l10n.ts';
import type { Pool } from '../pool.ts';
import type { Remote } from '../remote.ts';
import type { Place } from './moveThroughPool.ts';
import { furtherConnections } from './secondConnection.ts';
import { moveToTrash } from './trash.ts';
import { isTrashed, trashFolderOn } from './trashFolder.ts';
import { removeAny, type TreeOptions } from './tree.ts';
import { runChange } from './unsettled.ts';

export interface RemoveEntryOptions extends TreeOptions {
  readonly recursive: boolean;
}

/**
 * Removes an entry, a link as such: into the trash where the host has one, unless it is there already. Resolves to whether it is in the
 * trash now. `NotEmpty` for a folder with entries unless `recursive`.
 */
export async function removeEntry(
  pool: Pool,
  { host, path }: Place,
  { recursive, signal, onProgress }: RemoveEntryOptions,
): Promise<boolean> {
  if (path === '/') throw new RemoteError('Denied', t("The root folder of a server can't be deleted."), { path: '/' });
  const remove = async (remote: Remote, ended: AbortSignal) => {
    const trash = await trashFor(remote, { host, path }, recursive, ended);
    if (trash === undefined)
      await removeAny(remote, path, { recursive, signal: ended, onProgress, further: furtherConnections(pool, host, remote) });
    else await moveToTrash(remote, trash, path, { signal: ended });
    return trash !== undefined;
  };
  return runChange(pool, host, remove, {
    signal,
    lane: recursive && host.trash === undefined ? 'bulk' : 'interactive',
    repeatable: true,
  });
}

/** The trash that it goes to; undefined: it is removed for good. */
async function trashFor(remote: Remote, { host, path }: Place, recursive: boolean, signal: AbortSignal): Promise<string | undefined> {
  if (host.trash === undefined) return undefined;
  const trash = trashFolderOn(remote, host.trash);
  if (isTrashed(trash, path)) return undefined;
  // Who does not mean what is in a folder removes an empty one: nothing is lost with it.
  if (!recursive && (await remote.lstat(path, { signal })).kind === 'directory') return undefined;
  return trash;
}
