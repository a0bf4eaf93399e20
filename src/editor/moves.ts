import { t } from '../core/l10n.ts';
import { copyBetween, copyWithin, moveAcross, moveWithin } from '../core/operations/move.ts';
import { settleMove } from '../core/operations/moveThroughPool.ts';
import { basename } from '../core/path.ts';
import type { Pool } from '../core/pool.ts';
import type { Remote } from '../core/remote.ts';
import type { TransferProgress, Transfers } from '../core/transfers.ts';
import type { Location } from './uri.ts';

export interface Moves {
  /** Within a host by renaming, between hosts by a verified copy after which the source is removed. */
  move(from: Location, to: Location, overwrite: boolean): Promise<void>;
  copy(from: Location, to: Location, overwrite: boolean): Promise<void>;
}

type Report = (progress: TransferProgress) => void;

export function createMoves(pool: Pool, transfers: Transfers): Moves {
  const track = (verb: string, { host, path }: Location, task: (report: Report, signal: AbortSignal) => Promise<void>) =>
    transfers.track({ verb, name: basename(path), hostName: host.name }, undefined, task);

  const progress = (report: Report) => (count: number, current: string) => report({ count, current });

  return {
    move: (from, to, overwrite) =>
      track(t('Moving'), from, (report, signal) => {
        const options = (ended: AbortSignal) => ({ overwrite, signal: ended, onProgress: progress(report) });
        return isSameHost(from, to)
          ? settleMove(
              pool,
              from.host,
              pool.run(from.host, (remote, ended) => moveWithin(remote, from.path, to.path, options(ended)), { signal }),
            )
          : withBoth(pool, from, to, signal, (source, target, ended) => moveAcross(source, target, from.path, to.path, options(ended)));
      }),
    copy: (from, to, overwrite) =>
      track(t('Copying'), from, (report, signal) => {
        const options = (ended: AbortSignal) => ({ overwrite, signal: ended, onProgress: progress(report) });
        return isSameHost(from, to)
          ? settleMove(
              pool,
              from.host,
              pool.run(from.host, (remote, ended) => copyWithin(remote, from.path, to.path, options(ended)), { signal, lane: 'bulk' }),
            )
          : withBoth(pool, from, to, signal, (source, target, ended) => copyBetween(source, target, from.path, to.path, options(ended)));
      }),
  };
}

function isSameHost(from: Location, to: Location): boolean {
  return from.host.protocol === to.host.protocol && from.host.name.toLowerCase() === to.host.name.toLowerCase();
}

/** Leases are always taken in the same order, so that two moves in opposite directions don't wait for each other. */
function withBoth(
  pool: Pool,
  from: Location,
  to: Location,
  signal: AbortSignal,
  task: (source: Remote, target: Remote, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const lease = (host: Location['host'], inner: (remote: Remote, ended: AbortSignal) => Promise<void>, outer: AbortSignal) =>
    pool.run(host, inner, { signal: outer, lane: 'bulk' });
  return from.key < to.key
    ? lease(from.host, (source, one) => lease(to.host, (target, both) => task(source, target, both), one), signal)
    : lease(to.host, (target, one) => lease(from.host, (source, both) => task(source, target, both), one), signal);
}
