import type { Clock } from './clock.ts';
import { abortError, isRemoteError, type RemoteError, toRemoteError } from './errors.ts';

/** Pauses before each further attempt, in ms. */
const pauses = [0, 500, 1000, 2000, 5000];

/** No attempt is begun later than this after the first, in ms: a person waits. */
const patience = 10_000;

/** Resolves after `ms`; rejects with the signal's error when it aborts. Leaves no timer and no listener. */
export function pause(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(abortError(signal));
      return;
    }
    const abort = () => {
      cancel();
      reject(abortError(signal));
    };
    const cancel = clock.after(ms, () => {
      signal.removeEventListener('abort', abort);
      resolve();
    });
    signal.addEventListener('abort', abort, { once: true });
  });
}

/**
 * Connects, and again after a failure that may pass by itself. `known`: this host answered before, so that `Unreachable` is more likely a
 * moment's trouble than a wrong address. What asks for a person (`Auth`, `Untrusted`, `Cancelled`) is never tried again here.
 */
export async function retryConnect<T>(
  connect: () => Promise<T>,
  { clock, signal, known }: { readonly clock: Clock; readonly signal: AbortSignal; readonly known: boolean },
): Promise<T> {
  const start = clock.now();
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await connect();
    } catch (error) {
      const reason = toRemoteError(error);
      const delay = pauses[attempt];
      if (delay === undefined || signal.aborted || !mayPass(reason, attempt, known)) throw reason;
      const jittered = delay * (0.75 + Math.random() / 2);
      if (clock.now() + jittered - start > patience) throw reason;
      await pause(jittered, clock, signal);
    }
  }
}

function mayPass(reason: RemoteError, attempt: number, known: boolean): boolean {
  if (!reason.retryable || !isRemoteError(reason, 'Unreachable', 'Lost', 'Busy')) return false;
  return known || reason.code === 'Busy' || (reason.code === 'Lost' && attempt === 0);
}
