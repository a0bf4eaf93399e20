import { createHash } from 'node:crypto';
import type { Memento } from 'vscode';
import { toRemoteError } from '../core/errors.ts';
import type { Disposable } from '../core/events.ts';
import type { Guard } from '../core/guard.ts';
import type { Host } from '../core/host.ts';
import type { Log } from '../core/log.ts';
import type { Pool } from '../core/pool.ts';

export type TrashHost = Host & { readonly trash: string };

export function hasTrash(host: Host): host is TrashHost {
  return host.trash !== undefined;
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
    const { purgeTrash } = await import('../core/operations/trashContents.ts');
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
