import { abortError, type RemoteError } from '../../core/errors.ts';
import { promised } from '../deadline.ts';

/** Milliseconds within which a server has to show life; the product uses `defaultDeadlines`, tests shorter ones. */
export interface Deadlines {
  /** From the TCP connection to the end of the log-in, without the time a person thinks. */
  readonly login: number;
  /** For the TLS handshake of the control connection; a server that lost its beginning never answers, another attempt may fare better. */
  readonly handshake: number;
  /** For the reply to a command. */
  readonly reply: number;
  /** Without a byte moving on a data connection. */
  readonly data: number;
  /** For the confirmation after the last byte of a transfer; longer after an upload, by `forSent`. */
  readonly confirmation: number;
  /** For a data connection to come up. */
  readonly dataConnect: number;
  /** For the server to end a transfer that was cut short; then the whole connection goes. */
  readonly cancel: number;
}

export const defaultDeadlines: Deadlines = {
  login: promised.login,
  handshake: 8_000,
  reply: promised.request,
  data: promised.data,
  confirmation: promised.request,
  dataConnect: 8_000,
  cancel: 700,
};

/**
 * With it the last 160 KB of an upload, about what computers take that the way has yet to carry, have their time at 12 KB/s, and the server may
 * flush, scan or copy a large file. Up to 1 MB it leaves a save the time for another connection before its own limit.
 */
export function forSent(bytes: number): number {
  return Math.max(Math.min(4000, bytes / 40), Math.min(50_000, bytes / 256));
}

/** `promise`, or the signal's error as soon as it aborts; what `promise` does later is then nobody's concern. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(abortError(signal));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** Ends `control` with the signal's error when `signal` aborts before the function that it returns is called. */
export function endOnAbort(control: { fail(reason: RemoteError): void }, signal: AbortSignal): () => void {
  const onAbort = (): void => control.fail(abortError(signal));
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  return () => signal.removeEventListener('abort', onAbort);
}

/** `promise`, or undefined when `ms` pass first. */
export async function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    return await Promise.race([promise, new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), ms)))]);
  } finally {
    clearTimeout(timer);
  }
}
