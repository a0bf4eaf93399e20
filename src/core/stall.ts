import { RemoteError } from './errors.ts';
import { t } from './l10n.ts';

/**
 * Runs `task` and settles at the latest `limit` ms after it last called `alive` (or began): a save that never ends would block every later
 * one of that file. Time while `paused` (a person is being asked) does not count. The task's signal is aborted a moment before: only the task
 * knows what state it leaves things in, so that what it says in that moment is better than that it stalled.
 */
export async function settleUnlessStalled<T>(
  limit: number,
  paused: () => boolean,
  signal: AbortSignal | undefined,
  task: (signal: AbortSignal, alive: () => void) => Promise<T>,
): Promise<T> {
  const own = new AbortController();
  const step = Math.min(1000, limit / 4);
  let left = limit;
  const { promise: stalled, reject } = Promise.withResolvers<never>();
  const timer = setInterval(() => {
    if (paused()) return;
    left -= step;
    if (own.signal.aborted && left <= 0) reject(own.signal.reason);
    else if (left <= step) own.abort(stopped());
  }, step);
  try {
    const both = signal ? AbortSignal.any([signal, own.signal]) : own.signal;
    return await Promise.race([task(both, () => (left = own.signal.aborted ? left : limit)), stalled]);
  } finally {
    clearInterval(timer);
  }
}

function stopped(): RemoteError {
  return new RemoteError('Lost', t('The server stopped answering.'), { hint: t('Check the connection and try again.') });
}
