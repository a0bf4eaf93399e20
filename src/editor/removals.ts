import type { Bases } from '../core/bases.ts';
import { RemoteError } from '../core/errors.ts';
import { t } from '../core/l10n.ts';
import { furtherConnections } from '../core/operations/secondConnection.ts';
import { moveToTrash } from '../core/operations/trash.ts';
import { isTrashed, trashFolderOn } from '../core/operations/trashFolder.ts';
import { removeAny } from '../core/operations/tree.ts';
import { runChange } from '../core/operations/unsettled.ts';
import { basename } from '../core/path.ts';
import type { Pool } from '../core/pool.ts';
import type { Remote } from '../core/remote.ts';
import type { Transfers } from '../core/transfers.ts';
import type { History } from './history.ts';
import type { Location } from './uri.ts';

export interface RemovalsParts {
  readonly pool: Pool;
  readonly transfers: Transfers;
  readonly bases: Bases;
  readonly history: History;
}

export interface Removals {
  /**
   * Removes what is at `location`, a link as such: into the trash where the host has one, unless it is there already. `NotEmpty` for a
   * folder with entries unless `recursive`.
   */
  remove(location: Location, recursive: boolean): Promise<void>;
  /** What is at `location` is about to be gone for good: what this window knows of the files there goes into the local history. */
  keepKnown(location: Location): void;
}

export function createRemovals({ pool, transfers, bases, history }: RemovalsParts): Removals {
  const keepKnown = ({ host, path, key }: Location) => {
    for (const [file, version] of bases.within(key)) {
      const content = history.held(file, version);
      if (content !== undefined) history.add({ host, path: path + file.slice(key.length), key: file }, content, 'deleted');
    }
  };

  return {
    keepKnown,
    async remove(location, recursive) {
      const { host, path } = location;
      if (path === '/') throw new RemoteError('Denied', t("The root folder of a server can't be deleted."), { path: '/' });
      const inTrash = await transfers.track(
        { verb: t('Deleting'), name: basename(path), hostName: host.name },
        undefined,
        (report, signal) => {
          const onProgress = (count: number, current: string) => report({ count, current });
          const removeForGood = (remote: Remote, ended: AbortSignal) =>
            removeAny(remote, path, { recursive, signal: ended, onProgress, further: furtherConnections(pool, host, remote) });
          const remove = async (remote: Remote, ended: AbortSignal) => {
            const trash = await trashFor(remote, location, recursive, ended);
            if (trash === undefined) await removeForGood(remote, ended);
            else await moveToTrash(remote, trash, path, { signal: ended });
            return trash !== undefined;
          };
          return runChange(pool, host, remove, {
            signal,
            lane: recursive && host.trash === undefined ? 'bulk' : 'interactive',
            repeatable: true,
          });
        },
      );
      if (!inTrash) keepKnown(location);
    },
  };
}

/** The trash that it goes to; undefined: it is removed for good. */
async function trashFor(remote: Remote, { host, path }: Location, recursive: boolean, signal: AbortSignal): Promise<string | undefined> {
  if (host.trash === undefined) return undefined;
  const trash = trashFolderOn(remote, host.trash);
  if (isTrashed(trash, path)) return undefined;
  // Who does not mean what is in a folder removes an empty one: nothing is lost with it.
  if (!recursive && (await remote.lstat(path, { signal })).kind === 'directory') return undefined;
  return trash;
}
