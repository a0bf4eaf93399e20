import type { Attempts } from './attempts.ts';
import { type Connection, holdersOf } from './connection.ts';
import { isRemoteError, type RemoteError } from './errors.ts';
import type { HostState } from './pool.ts';

/** How a host stands. `error`: why the last attempt to connect failed. */
export function stateOf(connections: readonly Connection[], progress: Attempts['progress'], error: RemoteError | undefined): HostState {
  const busy = connections.reduce((sum, connection) => sum + holdersOf(connection), 0);
  const counts = { connections: connections.length, busy };
  if (connections.length > 0) return { state: 'connected', ...counts };
  const why = error === undefined ? {} : { error };
  if (progress !== undefined) {
    const { number: attempt, retryAt } = progress;
    return retryAt === undefined
      ? { state: 'connecting', ...why, attempt, ...counts }
      : { state: 'waiting', ...why, attempt, retryAt, ...counts };
  }
  if (error === undefined) return { state: 'disconnected', ...counts };
  return { state: isRemoteError(error, 'Auth', 'Cancelled') ? 'loginNeeded' : 'error', error, ...counts };
}
