/** Calls that are asked for while an equal one is under way, so that both become one. */
export class SharedCalls<T> {
  readonly #running = new Map<string, Promise<T>>();

  /** The one of that key that runs, if any. */
  running(key: string): Promise<T> | undefined {
    return this.#running.get(key);
  }

  /** Begins `work`, or joins what runs under `key`. */
  run(key: string, work: () => Promise<T>): Promise<T> {
    const running = this.#running.get(key);
    if (running !== undefined) return running;
    const begun = work().finally(() => {
      if (this.#running.get(key) === begun) this.#running.delete(key);
    });
    this.#running.set(key, begun);
    return begun;
  }

  /** Nobody joins what runs now: it may have been answered before what was done since. */
  forget(isOutdated: (key: string) => boolean): void {
    for (const key of [...this.#running.keys()]) if (isOutdated(key)) this.#running.delete(key);
  }
}
