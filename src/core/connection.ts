import type { Clock } from './clock.ts';
import { RemoteError } from './errors.ts';
import { t } from './l10n.ts';
import type { Lane } from './pool.ts';
import type { Remote } from './remote.ts';

/** After so long without use, in ms, a connection has to prove that it lives. The computer may have slept, a firewall forgotten it. */
export const trustedTime = 30_000;
/** How long the proof may take, in ms. */
const proofTime = 4000;

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
  /** It may be about to die, or was told to stop in the middle of something. */
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
 * Whether it can be worked with; asks the server where that is in doubt, once for all who want to know. `lostAt`: when the same task met a
 * dead connection; what cut that one may have cut all that gave no sign of life since.
 */
export async function isAlive(connection: Connection, clock: Clock, lostAt: number | undefined): Promise<boolean> {
  if (connection.gone) return false;
  const idle = clock.now() - connection.usedAt;
  const doubtful = connection.suspect || idle >= trustedTime || (lostAt !== undefined && connection.usedAt <= lostAt);
  if (!doubtful) return true;
  if (connection.proof === undefined) {
    const deadline = new AbortController();
    const overtake = () => deadline.abort(new RemoteError('Lost', t('The server did not answer.')));
    connection.proof = { outcome: prove(connection, clock, deadline.signal, clock.after(proofTime, overtake)), overtake };
  }
  return (await connection.proof.outcome) && !stillGone(connection);
}

async function prove(connection: Connection, clock: Clock, signal: AbortSignal, cancel: () => void): Promise<boolean> {
  try {
    await connection.remote.ping({ signal });
    connection.usedAt = clock.now();
    connection.suspect = false;
    return true;
  } catch {
    return false;
  } finally {
    cancel();
    connection.proof = undefined;
  }
}

function stillGone(connection: Connection): boolean {
  return connection.gone;
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
