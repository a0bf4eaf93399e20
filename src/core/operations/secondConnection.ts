import { toRemoteError } from '../errors.ts';
import type { Host } from '../host.ts';
import type { Pool } from '../pool.ts';
import type { Remote } from '../remote.ts';
import type { Reader } from './copyFile.ts';
import type { Further } from './spread.ts';

/** How long, in ms, to wait for a second connection: a server may allow one only, and then the first would wait for itself. */
const patience = 8000;

/** For who holds a bulk connection to `host` and could use another for a moment. */
export function secondConnection(pool: Pool, host: Host, signal: AbortSignal): Reader {
  return async (task) => {
    if (host.connections < 2) return task(undefined);
    const waiting = new AbortController();
    const timer = setTimeout(() => waiting.abort(), patience);
    const state = { begun: false };
    try {
      return await pool.run(
        host,
        (other) => {
          state.begun = true;
          clearTimeout(timer);
          return task(other);
        },
        // Not as bulk work, of which there may be no more than one.
        { signal: AbortSignal.any([signal, waiting.signal]), lane: 'interactive' },
      );
    } catch (error) {
      if (state.begun || signal.aborted) throw toRemoteError(error);
      return await task(undefined);
    } finally {
      clearTimeout(timer);
    }
  };
}

/** For who holds `remote`, a connection to `host`, and changes with it what was admitted, for work that nobody waits for: others, where each does one thing at a time. */
export function furtherConnections(pool: Pool, host: Host, remote: Remote): Further<Remote> | undefined {
  if (remote.facts.parallel > 1) return undefined;
  return { count: host.connections - 1, run: (step, signal) => pool.run(host, step, { signal, lane: 'bulk', changes: 'begun' }) };
}
