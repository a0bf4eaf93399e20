import { abortError, type RemoteError } from '../core/errors.ts';

/** How long a server may stay silent, in ms: what Ferry promises. Protocols that need finer figures say why where they have them. */
export const promised = {
  /** From the TCP connection to the end of the log-in, without the time that a person thinks. */
  login: 20_000,
  /** For the reply to a request that moves no content. */
  request: 10_000,
  /** Without a byte of content moving. */
  data: 15_000,
} as const;

/** A deadline that stands still while a person is asked, and begins anew with the answer: many servers slow down after a refusal. */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #expired: () => RemoteError;
  readonly #outer: AbortSignal;
  readonly #ms: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #questions = 0;
  #ended = false;

  /** Starts at once. */
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

  /** Runs `question` with the clock stopped. Several may be open at once. */
  async whileAsking<T>(question: () => Promise<T>): Promise<T> {
    this.#questions += 1;
    clearTimeout(this.#timer);
    try {
      return await question();
    } finally {
      this.#questions -= 1;
      this.#start();
    }
  }

  /** Neither time nor `outer` aborts it afterwards. */
  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#outer.removeEventListener('abort', this.#follow);
  }

  readonly #follow = (): void => this.#controller.abort(abortError(this.#outer));

  #start(): void {
    if (this.#ended || this.#questions > 0 || this.#controller.signal.aborted) return;
    clearTimeout(this.#timer);
    const expire = (): void => {
      if (!this.#ended && this.#questions === 0) this.#controller.abort(this.#expired());
    };
    // Where this computer stood still, what is waited for may be there, unread: it counts first.
    this.#timer = setTimeout(() => setImmediate(expire), this.#ms);
  }
}
