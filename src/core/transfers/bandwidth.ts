import type { Clock } from '../clock.ts';
import { abortError } from '../errors.ts';

/** So much may go at once after a rest, in seconds of the limit. */
const burst = 0.25;
/** A limit is looked at again at least so often while something waits, in ms. */
const longestWait = 1000;

/** Keeps all that asks it within so many bytes a second, in the order of asking. */
export interface Bandwidth {
  /** Resolves when these bytes may go; rejects when `signal` aborts. */
  take(bytes: number, signal: AbortSignal): Promise<void>;
  /** Bytes that are worth asking for at once. */
  readonly slice: number;
  /** The limit is another one now. */
  changed(): void;
}

interface Waiter {
  readonly bytes: number;
  readonly enter: () => void;
}

/** `limit`: bytes a second, asked for each time; 0: none. */
export function createBandwidth(clock: Clock, limit: () => number): Bandwidth {
  const line: Waiter[] = [];
  let balance = 0;
  let at = clock.now();
  let cancel: (() => void) | undefined;

  const serve = () => {
    cancel?.();
    cancel = undefined;
    const rate = limit();
    const now = clock.now();
    balance = Math.min(rate * burst, balance + ((now - at) / 1000) * rate);
    at = now;
    while (line.length > 0 && (rate <= 0 || balance >= 0)) {
      const next = line.shift();
      balance = rate <= 0 ? 0 : balance - (next?.bytes ?? 0);
      next?.enter();
    }
    if (line.length > 0) cancel = clock.after(Math.min(longestWait, Math.max(1, Math.ceil((-balance / rate) * 1000))), serve);
  };

  return {
    get slice() {
      const rate = limit();
      return rate <= 0 ? Infinity : Math.max(1024, Math.floor(rate * burst));
    },
    changed: serve,
    async take(bytes, signal) {
      if (signal.aborted) throw abortError(signal);
      if (limit() <= 0 && line.length === 0) return;
      const { promise, resolve, reject } = Promise.withResolvers<undefined>();
      const waiter = { bytes, enter: () => resolve(undefined) };
      const leave = () => {
        const index = line.indexOf(waiter);
        if (index >= 0) line.splice(index, 1);
        reject(abortError(signal));
      };
      signal.addEventListener('abort', leave, { once: true });
      line.push(waiter);
      if (line.length === 1 || cancel === undefined) serve();
      try {
        await promise;
      } finally {
        signal.removeEventListener('abort', leave);
        if (line.length === 0) {
          cancel?.();
          cancel = undefined;
        }
      }
    },
  };
}
