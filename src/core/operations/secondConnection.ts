import { toRemoteError } from '../errors.ts';
import type { Host } from '../host.ts';
import type { Pool, RunOptions } from '../pool.ts';
import type { Remote } from '../remote.ts';
import type { Reader } from './copyFile.ts';
import type { Further } from './spread.ts';

/** How long, in ms, to wait for a second connection: a server may allow one only, and then the first would wait for itself. */
const patience = 8000;
/** The same for one that was free: it has yet to prove that it lives. */
const proofPatience = 1000;

/** For who holds a bulk connection to `host` and could use another for a moment. */
export function secondConnection(pool: Pool, host: Host, signal: AbortSignal): Reader {
  return async (task) => {
    if (host.connections < 2) return task(undefined);
    // Not as bulk work, of which there may be no more than one.
    return withOrWithout(pool, host, task, { signal, lane: 'interactive' }, patience);
  };
}

/**
 * For who holds `remote`, a connection to `host`: another one that is free, where each does one thing at a time. Where there is none, one
 * is made for who comes next, and nobody waits for that.
 */
export function freeConnection(pool: Pool, host: Host, remote: Remote, signal: AbortSignal): Reader | undefined {
  if (remote.facts.parallel > 1 || host.connections < 2) return undefined;
  const isFree = () => {
    const { connections, busy } = pool.state(host.name);
    return connections > busy;
  };
  if (isFree())
    return (task) => (isFree() ? withOrWithout(pool, host, task, { signal, background: true }, proofPatience) : task(undefined));
  pool.run(host, () => Promise.resolve(), { background: true }).catch(() => undefined);
  return undefined;
}

/**
 * Before a save that is likely to come: where that takes two connections of `host`, both are there and live, each with its next data
 * connection. Only where the host is in use. Nobody waits for it; never rejects.
 */
export async function readyToSave(pool: Pool, host: Host): Promise<void> {
  const prove = (remote: Remote, signal: AbortSignal) => remote.ping({ signal });
  const proveBoth = async (remote: Remote, signal: AbortSignal): Promise<void> => {
    if (remote.facts.parallel > 1) return;
    if (host.connections > 1) pool.run(host, prove, { background: true }).catch(() => undefined);
    await prove(remote, signal);
  };
  await pool.run(host, proveBoth, { background: true }).catch(() => undefined);
}

/** `task` with a connection, or with none where none is to be had in `patience` ms. */
async function withOrWithout<T>(
  pool: Pool,
  host: Host,
  task: (other: Remote | undefined) => Promise<T>,
  options: RunOptions & { readonly signal: AbortSignal },
  patience: number,
): Promise<T> {
  const waiting = new AbortController();
  const timer = setTimeout(() => waiting.abort(), patience);
  const state = { isBegun: false };
  const begin = (other: Remote): Promise<T> => {
    state.isBegun = true;
    clearTimeout(timer);
    return task(other);
  };
  try {
    return await pool.run(host, begin, { ...options, signal: AbortSignal.any([options.signal, waiting.signal]) });
  } catch (error) {
    if (state.isBegun || options.signal.aborted) throw toRemoteError(error);
    return await task(undefined);
  } finally {
    clearTimeout(timer);
  }
}

/** For who holds `remote`, a connection to `host`, and changes with it what was admitted, for work that nobody waits for: others, where each does one thing at a time. */
export function furtherConnections(pool: Pool, host: Host, remote: Remote): Further<Remote> | undefined {
  if (remote.facts.parallel > 1) return undefined;
  return { count: host.connections - 1, run: (step, signal) => pool.run(host, step, { signal, lane: 'bulk', changes: 'begun' }) };
}
