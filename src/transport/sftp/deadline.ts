/** A time limit that stands still while a person is asked. */
export class Deadline {
  readonly #expire: () => void;
  #left: number;
  #since: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pauses = 0;

  /** Starts at once; `expire` is called when `milliseconds` have run, unless `end` came before. */
  constructor(milliseconds: number, expire: () => void) {
    this.#left = milliseconds;
    this.#expire = expire;
    this.#run();
  }

  async pause<T>(work: () => Promise<T>): Promise<T> {
    if (this.#pauses++ === 0) this.#stop();
    try {
      return await work();
    } finally {
      if (--this.#pauses === 0) this.#run();
    }
  }

  end(): void {
    this.#stop();
    this.#left = Infinity;
  }

  #run(): void {
    if (this.#left === Infinity) return;
    this.#since = performance.now();
    this.#timer = setTimeout(this.#expire, this.#left);
  }

  #stop(): void {
    clearTimeout(this.#timer);
    if (this.#since !== undefined) this.#left = Math.max(0, this.#left - (performance.now() - this.#since));
    this.#since = undefined;
  }
}
