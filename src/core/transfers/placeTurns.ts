import { abortError } from '../errors.ts';
import { PathLocks } from '../pathLocks.ts';
import type { TransferPlace } from './item.ts';

/** Runs `act` when nothing else of this window is brought to `to`. Who waits leaves when `signal` aborts. */
export type InTurn = <T>(to: TransferPlace, signal: AbortSignal, act: () => Promise<T>) => Promise<T>;

/** What comes to one place comes one after another: each sees what the one before it left there. */
export function createPlaceTurns(): InTurn {
  const locks = new PathLocks();
  return async ({ host, path }, signal, act) => {
    const leaving = Promise.withResolvers<never>();
    const leave = () => leaving.reject(abortError(signal));
    const mine = locks.run([`/${encodeURIComponent(host)}${path}`], async () => {
      signal.removeEventListener('abort', leave);
      if (signal.aborted) throw abortError(signal);
      return act();
    });
    signal.addEventListener('abort', leave, { once: true });
    // Of one who left, nobody looks at the other.
    for (const outcome of [mine, leaving.promise]) outcome.catch(() => undefined);
    try {
      return await Promise.race([mine, leaving.promise]);
    } finally {
      signal.removeEventListener('abort', leave);
    }
  };
}
