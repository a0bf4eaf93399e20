/** By so many ms an answer may be later than the first ones were: what a person asks meanwhile waits behind what is in flight. */
const patience = 300;
const least = 256 * 1024;
const leastChunk = 32 * 1024;
/** Requests that a window is cut into. */
const pieces = 8;
const growth = 1.25;

export interface PaceOptions {
  readonly window: number;
  readonly most: number;
  readonly chunk: number;
  readonly mostChunk: number;
  /** Ms of the quickest answer that is known from elsewhere on the same line. */
  readonly quickest?: number;
}

/** How much of one file is in flight: as much as the line carries while a person does not yet notice. */
export class Pace {
  /** Bytes that may be asked for or sent without an answer. */
  window: number;
  /** Bytes of one request. */
  chunk: number;
  readonly #most: number;
  #mostChunk: number;
  /** Ms of the quickest answer so far. */
  quickest: number;
  #isSwift = false;

  constructor(options: PaceOptions) {
    this.quickest = options.quickest ?? Infinity;
    this.window = options.window;
    this.chunk = options.chunk;
    this.#most = options.most;
    this.#mostChunk = options.mostChunk;
  }

  /** The last answer came before a person would have noticed. */
  get isSwift(): boolean {
    return this.#isSwift;
  }

  /** `ms` passed until the answer to a request that was made with `inFlight` bytes under way, its own included. */
  answered(inFlight: number, ms: number): void {
    this.quickest = Math.min(this.quickest, ms);
    const swift = this.quickest + patience;
    this.#isSwift = ms <= swift;
    if (!this.#isSwift) this.window = Math.max(least, Math.min(this.window, (inFlight * swift) / ms));
    this.#cut();
  }

  /** All that there was to do is done, and an answer is waited for: it is the line that holds things up. */
  starved(): void {
    if (this.#isSwift) this.window = Math.min(this.#most, this.window * growth);
    this.#cut();
  }

  /** The server gives no more at once. */
  limit(chunk: number): void {
    this.#mostChunk = this.chunk = chunk;
  }

  #cut(): void {
    this.chunk = Math.min(this.#mostChunk, Math.max(leastChunk, Math.floor(this.window / pieces)));
  }
}
