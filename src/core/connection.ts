import type { Lane } from './pool.ts';
import type { Remote } from './remote.ts';

/** One live connection of the pool and who holds it. */
export interface Connection {
  readonly remote: Remote;
  readonly holders: Record<Lane, number>;
  /** Aborted when the pool ends the connection under its holders. */
  readonly ended: AbortController;
  /** As the clock says. */
  readonly madeAt: number;
  /** When it last gave a sign of life, as the clock says. */
  usedAt: number;
  /** It may be about to die or dead, as another one is, or was told to stop in the middle of something. */
  suspect: boolean;
  /** Made for settings that changed: serves its holders and nobody else. */
  retired: boolean;
  gone: boolean;
  /** Under way: whether it lives. `overtake`: another one is there by now, no need to wait on. */
  proof: { readonly outcome: Promise<boolean>; overtake(): void } | undefined;
}

export function createConnection(remote: Remote, now: number): Connection {
  return {
    remote,
    holders: { interactive: 0, bulk: 0 },
    ended: new AbortController(),
    madeAt: now,
    usedAt: now,
    suspect: false,
    retired: false,
    gone: false,
    proof: undefined,
  };
}

export function holdersOf({ holders }: Connection): number {
  return holders.interactive + holders.bulk;
}

/**
 * The connection that work of `lane` gets, undefined: none now. Exclusive ones (`facts.parallel` 1) serve one holder; bulk work leaves one of
 * `limit` free. On shared ones the first is kept clear of bulk work, where there may be another.
 */
export function chooseConnection(connections: readonly Connection[], lane: Lane, limit: number): Connection | undefined {
  const usable = connections.filter((connection) => !connection.gone && !connection.retired);
  const [first, ...others] = usable;
  if (first === undefined) return undefined;
  if (first.remote.facts.parallel <= 1) {
    if (lane === 'bulk' && bulkRoom(usable, limit) <= 0) return undefined;
    const free = usable.filter((connection) => holdersOf(connection) === 0);
    return lane === 'bulk' ? free.at(-1) : free[0];
  }
  if (lane === 'interactive' || limit <= 1) return leastLoaded(usable);
  return leastLoaded(others);
}

/** How many connections beyond `usable` the work that waits could use: one where all can share it, else one for each. */
export function furtherWanted(usable: readonly Connection[], waiting: Readonly<Record<Lane, number>>, limit: number): number {
  const [first] = usable;
  if (first === undefined || waiting.interactive + waiting.bulk === 0) return 0;
  if (first.remote.facts.parallel > 1) return 1;
  return waiting.interactive + Math.min(waiting.bulk, Math.max(0, bulkRoom(usable, limit)));
}

/** How many more exclusive connections bulk work may take. */
function bulkRoom(connections: readonly Connection[], limit: number): number {
  return Math.max(1, limit - 1) - connections.filter(({ holders }) => holders.bulk > 0).length;
}

function leastLoaded(connections: readonly Connection[]): Connection | undefined {
  const load = ({ holders }: Connection) => holders.bulk * 1000 + holders.interactive;
  return connections.toSorted((one, other) => load(one) - load(other))[0];
}
