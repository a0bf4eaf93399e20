import type { Disposable } from '../../core/events.ts';
import type { Pool } from '../../core/pool.ts';
import { pauseAfter } from '../../core/retry.ts';
import type { PendingUpload, Uploads } from './uploads.ts';

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

/**
 * Tries again, with growing pauses, what is `unreachable` though its host is connected: only some of its connections were lost, or it was
 * back before the upload gave up. No return of the host would come for these.
 */
export function retryStranded(
  uploads: Pick<Uploads, 'pending' | 'onDidChange' | 'retry'>,
  pool: Pick<Pool, 'state' | 'onDidChangeState'>,
): Disposable {
  let timer: NodeJS.Timeout | undefined;
  let tries = 0;
  const isStranded = ({ file, state }: PendingUpload) =>
    state === 'unreachable' && pool.state(file.location.host.name).state === 'connected';
  const look = () => {
    if (timer !== undefined) return;
    // What waits for a person keeps nobody waiting.
    if (!uploads.pending.some(({ state }) => state !== 'conflict' && state !== 'failed')) tries = 0;
    if (!uploads.pending.some(isStranded)) return;
    timer = setTimeout(
      () => {
        timer = undefined;
        uploads.retry(isStranded);
      },
      pauseAfter((tries += 1)),
    );
  };
  const subscriptions = [uploads.onDidChange(look), pool.onDidChangeState(look)];
  return {
    dispose() {
      clearTimeout(timer);
      for (const subscription of subscriptions) subscription.dispose();
    },
  };
}
