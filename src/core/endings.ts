/** What was told to end, and is waited for before all counts as ended. */
export class Endings {
  readonly #running = new Set<Promise<unknown>>();

  /** `ending` never rejects. */
  add(ending: Promise<unknown>): void {
    this.#running.add(ending);
    void ending.finally(() => this.#running.delete(ending));
  }

  /** Resolves when nothing is left; what ends may leave more to end. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}
