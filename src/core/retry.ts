import type { Clock } from './clock.ts';
import { abortError, isRemoteError, type RemoteError } from './errors.ts';

/** Before each further attempt to connect, in ms; the last one is repeated. */
const pauses = [0, 500, 1000, 2000, 5000, 10_000, 30_000];

/**
 * The pause after so many failures in a row, from 1. Spread by a quarter each way, so that windows and computers that lost the same server
 * don't come back together.
 */
export function pauseAfter(failures: number): number {
  const ms = pauses[Math.min(failures, pauses.length) - 1] ?? 0;
  return ms * (0.75 + Math.random() / 2);
}

/** Whether a failure to connect may pass by itself. What asks for a person never does: least of all a refused log-in. */
export function mayPass(reason: RemoteError): boolean {
  return reason.retryable && isRemoteError(reason, 'Unreachable', 'Lost', 'Busy');
}

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
