import { window } from 'vscode';
import { isRemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import { makeFolders } from '../../core/operations/tree.ts';
import { basename, parent } from '../../core/path.ts';
import type { Pool } from '../../core/pool.ts';
import type { Attributes } from '../../core/remote.ts';
import { safeText } from '../../core/text.ts';
import type { Moves } from '../moves.ts';
import type { Removals } from '../removals.ts';
import type { Exchanges } from './exchanges.ts';
import type { MappedFile } from './mappings.ts';

export interface FollowingParts {
  readonly pool: Pool;
  readonly moves: Moves;
  readonly removals: Removals;
  readonly exchanges: Exchanges;
}

/** Deletes and renames of this computer, done on the server, too. Throws RemoteErrors. */
export interface Following {
  /** A file that is not the one that both agreed on, or a folder, which may hold what is on the server only, is asked about. */
  remove(file: MappedFile): Promise<void>;
  rename(from: MappedFile, to: MappedFile): Promise<void>;
}

export function createFollowing({ pool, moves, removals, exchanges }: FollowingParts): Following {
  const look = async ({ location: { host, path } }: MappedFile): Promise<Attributes | undefined> => {
    try {
      return await pool.run(host, (remote, signal) => remote.lstat(path, { signal }), { repeatable: true });
    } catch (error) {
      if (isRemoteError(error, 'NotFound')) return undefined;
      throw error;
    }
  };
  const mayRemove = async ({ location: { host, key, path } }: MappedFile, { kind, size, mtime }: Attributes): Promise<boolean> => {
    const agreed = exchanges.bases.get(key);
    // A server that tells no time does not tell whether it is that file.
    if (kind === 'file' && mtime !== undefined && agreed?.size === size && agreed.mtime === mtime) return true;
    const [name, server, remove] = [safeText(basename(path), 100), safeText(host.name, 80), t('Delete There, Too')];
    const message =
      kind === 'directory'
        ? t('Delete the folder {0} on {1}, with all that is in it there?', name, server)
        : t('Delete {0} on {1}? It is not the file that you last exchanged.', name, server);
    return (await window.showWarningMessage(message, { modal: true }, remove)) === remove;
  };

  return {
    async remove(file) {
      await exchanges.ready;
      const found = await look(file);
      if (found !== undefined) {
        if (!(await mayRemove(file, found))) return;
        await removals.remove(file.location, true);
      }
      exchanges.forget(file.location.key);
    },
    async rename(from, to) {
      await exchanges.ready;
      // What the server never had is uploaded under its new name when it is saved.
      if ((await look(from)) === undefined) return;
      const { host, path } = to.location;
      const mode = to.mapping.permissions.folders;
      await pool.run(host, (remote, signal) => makeFolders(remote, parent(path), { signal, mode }), { repeatable: true, changes: 'new' });
      await moves.move(from.location, to.location, false);
      exchanges.move(from.location.key, to.location.key);
    },
  };
}
