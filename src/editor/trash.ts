import { createHash } from 'node:crypto';
import type { Memento } from 'vscode';
import { window } from 'vscode';
import { toRemoteError } from '../core/errors.ts';
import type { Disposable } from '../core/events.ts';
import type { Guard } from '../core/guard.ts';
import type { Host } from '../core/host.ts';
import { t } from '../core/l10n.ts';
import type { Log } from '../core/log.ts';
import { forEachBounded } from '../core/operations/bounded.ts';
import type { Discard } from '../core/operations/moveOver.ts';
import {
  deleteTrashed,
  describeTrashed,
  forgetTrashed,
  listTrash,
  purgeTrash,
  type TrashedItem,
} from '../core/operations/trashContents.ts';
import { trashFolderOn } from '../core/operations/trashFolder.ts';
import type { Pool } from '../core/pool.ts';
import type { Attributes } from '../core/remote.ts';
import { safeText } from '../core/text.ts';
import type { Transfers } from '../core/transfers.ts';

export type TrashHost = Host & { readonly trash: string };

export function hasTrash(host: Host): host is TrashHost {
  return host.trash !== undefined;
}

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

/** The move is done by then, and succeeds whatever becomes of the old one: a person must be told where that is. */
export function tellWhatStays({ name }: Host, discard: Discard): Discard {
  return async (remote, aside, to) => {
    try {
      await discard(remote, aside, to);
    } catch (error) {
      const reason = toRemoteError(error);
      if (!reason.dropsConnection && reason.code !== 'NotFound') {
        const [path, host, why, kept] = [safeText(to, 200), safeText(name, 80), safeText(reason.message, 300), safeText(aside, 200)];
        void window.showWarningMessage(t('What was at {0} on {1} could not be put away: {2} It is kept as {3}.', path, host, why, kept));
      }
      throw error;
    }
  };
}

const purgesKey = 'trashPurges';
const day = 24 * 3600_000;
/** A purge is given up after so long, in ms; the next one goes on. */
const purgeTime = 10 * 60_000;

/** Removes what is too old from the trash of each host that gets connected, at most once a day. */
export function watchTrashes(
  { pool, guard }: { readonly pool: Pool; readonly guard: Pick<Guard, 'mayChange'> },
  state: Memento,
  findHost: (name: string) => Host | undefined,
  logOf: (name: string) => Log,
): Disposable {
  const stop = new AbortController();
  /** When to look at what was purged, by the host's name and trash: a pool tells each task that begins and ends. */
  const next = new Map<string, number>();
  const purge = async (host: TrashHost) => {
    const now = Date.now();
    const shown = `${host.name}/${host.trash}`;
    if ((next.get(shown) ?? 0) > now) return;
    next.set(shown, now + day / 24);
    const purges = state.get<Readonly<Record<string, number>>>(purgesKey, {});
    const place = createHash('sha256')
      .update(JSON.stringify([host.protocol, host.user, host.address, host.port, host.trash]))
      .digest('hex');
    if ((purges[place] ?? 0) > now - day) return;
    const recent = Object.entries(purges).filter(([, time]) => time > now - 7 * day);
    await state.update(purgesKey, { ...Object.fromEntries(recent), [place]: now });
    const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(purgeTime)]);
    const count = await purgeTrash(pool, host, now - host.trashDays * day, { signal });
    if (count > 0) logOf(host.name).info(`Removed ${count} entries of the trash that are older than ${host.trashDays} days.`);
  };
  const listener = pool.onDidChangeState((name) => {
    const host = pool.state(name).state === 'connected' ? findHost(name) : undefined;
    // A protected host is not changed by itself.
    if (host === undefined || !hasTrash(host) || host.trashDays === 0 || !guard.mayChange(host)) return;
    purge(host).catch((error: unknown) => logOf(name).warn(`Purging the trash: ${toRemoteError(error).message}`));
  });
  return {
    dispose() {
      listener.dispose();
      stop.abort();
    },
  };
}
