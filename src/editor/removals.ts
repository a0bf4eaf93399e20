import { RemoteError } from '../core/errors.ts';
import { t } from '../core/l10n.ts';
import { removeAny } from '../core/operations/tree.ts';
import { runChange } from '../core/operations/unsettled.ts';
import { basename } from '../core/path.ts';
import type { Pool } from '../core/pool.ts';
import type { Remote } from '../core/remote.ts';
import type { Transfers } from '../core/transfers.ts';
import type { Location } from './uri.ts';

export interface Removals {
  /** Removes what is at `location`, a link as such. `NotEmpty` for a folder with entries unless `recursive`. */
  remove(location: Location, recursive: boolean): Promise<void>;
}

export function createRemovals(pool: Pool, transfers: Transfers): Removals {
  return {
    async remove({ host, path }, recursive) {
      if (path === '/') throw new RemoteError('Denied', t("The root folder of a server can't be deleted."), { path: '/' });
      await transfers.track({ verb: t('Deleting'), name: basename(path), hostName: host.name }, undefined, (report, signal) => {
        const onProgress = (count: number, current: string) => report({ count, current });
        const remove = (remote: Remote, ended: AbortSignal) => removeAny(remote, path, { recursive, signal: ended, onProgress });
        return runChange(pool, host, remove, { signal, lane: recursive ? 'bulk' : 'interactive' });
      });
    },
  };
}
