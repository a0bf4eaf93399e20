/**
 * Runs `task` for every item, at most `limit` at once, in order of start. After a failure no further one is started; rejects with the
 * first failure once all that run have settled.
 */
export async function forEachBounded<T>(items: Iterable<T>, limit: number, task: (item: T) => Promise<void>): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const failures: unknown[] = [];
  const work = async () => {
    while (failures.length === 0) {
      const next = iterator.next();
      if (next.done === true) return;
      try {
        await task(next.value);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, limit) }, work));
  if (failures.length > 0) throw failures[0];
}

/** Lets in as many bytes as there is room for, in the order of asking. */
export class Room {
  readonly #waiting: { readonly bytes: number; readonly enter: () => void }[] = [];
  #free: number;

  constructor(bytes: number) {
    this.#free = bytes;
  }

  /** Runs `task` once there is room for `bytes`, which must not be more than there is in all. */
  async hold<T>(bytes: number, task: () => Promise<T>): Promise<T> {
    if (this.#waiting.length > 0 || bytes > this.#free) await new Promise<void>((enter) => this.#waiting.push({ bytes, enter }));
    else this.#free -= bytes;
    try {
      return await task();
    } finally {
      this.#free += bytes;
      this.#admit();
    }
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next !== undefined && next.bytes <= this.#free; next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#free -= next.bytes;
      next.enter();
    }
  }
}

/** `Promise.all` that rejects only once all have settled, so that nothing of a failed step runs on behind its back. */
export async function settleAll<T extends readonly unknown[]>(promises: { readonly [K in keyof T]: Promise<T[K]> }): Promise<T> {
  const results = await Promise.allSettled(promises as readonly Promise<unknown>[]);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return results.map((result) => (result as PromiseFulfilledResult<unknown>).value) as unknown as T;
}
