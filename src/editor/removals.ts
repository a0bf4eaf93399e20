import type { Bases } from '../core/bases.ts';
import { t } from '../core/l10n.ts';
import { basename } from '../core/path.ts';
import type { Pool } from '../core/pool.ts';
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
  remove(location: Location, recursive: boolean, signal?: AbortSignal): Promise<void>;
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
    async remove(location, recursive, given) {
      const label = { verb: t('Deleting'), name: basename(location.path), hostName: location.host.name };
      const inTrash = await transfers.track(label, given, async (report, signal) => {
        const { removeEntry } = await import('../core/operations/removeEntry.ts');
        const onProgress = (count: number, current: string) => report({ count, current });
        return removeEntry(pool, location, { recursive, signal, onProgress });
      });
      if (!inTrash) keepKnown(location);
    },
  };
}
