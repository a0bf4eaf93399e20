import type { Host } from '../core/host.ts';
import { t } from '../core/l10n.ts';
import { forEachBounded } from '../core/operations/bounded.ts';
import { deleteTrashed, describeTrashed, forgetTrashed, listTrash, type TrashedItem } from '../core/operations/trashContents.ts';
import { trashFolderOn } from '../core/operations/trashFolder.ts';
import type { Pool } from '../core/pool.ts';
import type { Attributes } from '../core/remote.ts';
import type { Transfers } from '../core/transfers.ts';
import type { TrashHost } from './trashPurges.ts';

/** The trashes of hosts, each on its server. */
export interface Trash {
  /** Newest first. */
  list(host: TrashHost, signal: AbortSignal): Promise<readonly TrashedItem[]>;
  /** Tells what the items are, one after another; undefined for one that is not there. Stops without an error when `signal` aborts. */
  describe(
    host: Host,
    items: readonly TrashedItem[],
    signal: AbortSignal,
    tell: (item: TrashedItem, attributes: Attributes | undefined) => void,
  ): Promise<void>;
  /** Removes them for good. */
  remove(host: Host, items: readonly TrashedItem[]): Promise<void>;
  /** After an item was taken out: its entry goes. Never throws. */
  forget(host: Host, item: TrashedItem): Promise<void>;
}

export function createTrash(pool: Pool, transfers: Transfers): Trash {
  return {
    list: (host, signal) =>
      pool.run(host, (remote, ended) => listTrash(remote, trashFolderOn(remote, host.trash), { signal: ended }), {
        signal,
        repeatable: true,
      }),
    describe: (host, items, signal, tell) =>
      // The signal is looked at between two items: to cut a request short could cost the connection.
      pool.run(host, (remote) =>
        forEachBounded(items, remote.facts.parallel, async (item) => {
          if (!signal.aborted) tell(item, await describeTrashed(remote, item));
        }),
      ),
    remove: (host, items) =>
      transfers.track({ verb: t('Deleting for good'), name: t('trash'), hostName: host.name }, undefined, async (report, signal) => {
        let count = 0;
        for (const item of items) {
          await pool.run(host, (remote, ended) => deleteTrashed(remote, item, { signal: ended }), {
            signal,
            lane: 'bulk',
            repeatable: true,
            changes: 'new',
          });
          report({ count: (count += 1), current: item.from });
        }
      }),
    forget: (host, item) => pool.run(host, (remote) => forgetTrashed(remote, item), { changes: 'begun' }).catch(() => undefined),
  };
}
