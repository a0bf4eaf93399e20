import type { Disposable } from '../../core/events.ts';
import type { Pool } from '../../core/pool.ts';

/**
 * Calls `returned` with a host's name when it is connected and was not. The pool tells of much else, such as each task that begins or
 * ends: who began work at each of these would never come to an end.
 */
export function watchReturns(pool: Pick<Pool, 'state' | 'onDidChangeState'>, returned: (name: string) => void): Disposable {
  const connected = new Set<string>();
  return pool.onDidChangeState((name) => {
    const isConnected = pool.state(name).state === 'connected';
    const isNew = isConnected && !connected.has(name);
    if (isConnected) connected.add(name);
    else connected.delete(name);
    if (isNew) returned(name);
  });
}
