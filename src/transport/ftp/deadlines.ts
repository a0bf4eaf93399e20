import { abortError, RemoteError } from '../../core/errors.ts';

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
  /** For the confirmation after the last byte of a transfer: the server may flush, scan or copy. */
  readonly confirmation: number;
  /** For a data connection to come up. */
  readonly dataConnect: number;
  /** For the server to end a transfer that was cut short; then the whole connection goes. */
  readonly cancel: number;
}

export const defaultDeadlines: Deadlines = {
  login: 20_000,
  handshake: 8_000,
  reply: 10_000,
  data: 15_000,
  confirmation: 20_000,
  dataConnect: 8_000,
  cancel: 700,
};

/** A deadline that stands still while a person is asked, and begins anew with the answer: many servers slow down after a refusal. */
export class PausableDeadline {
  readonly #controller = new AbortController();
  readonly #expired: () => RemoteError;
  readonly #outer: AbortSignal;
  readonly #ms: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ms: number, outer: AbortSignal, expired: () => RemoteError) {
    this.#ms = ms;
    this.#expired = expired;
    this.#outer = outer;
    if (outer.aborted) this.#follow();
    else outer.addEventListener('abort', this.#follow, { once: true });
    this.#start();
  }

  /** Aborts with a RemoteError when time is up or `outer` aborts. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Runs `question` with the clock stopped. */
  async whileAsking<T>(question: () => Promise<T>): Promise<T> {
    clearTimeout(this.#timer);
    try {
      return await question();
    } finally {
      this.#start();
    }
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#outer.removeEventListener('abort', this.#follow);
  }

  readonly #follow = (): void => this.#controller.abort(abortError(this.#outer));

  #start(): void {
    this.#timer = setTimeout(() => this.#controller.abort(this.#expired()), this.#ms);
  }
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

/** `promise`, or undefined when `ms` pass first. */
export async function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    return await Promise.race([promise, new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), ms)))]);
  } finally {
    clearTimeout(timer);
  }
}
