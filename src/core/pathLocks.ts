import { contains } from './path.ts';

interface Waiter {
  readonly paths: readonly string[];
  readonly merge: string | undefined;
  job: () => Promise<unknown>;
  started: boolean;
  readonly settled: Promise<unknown>;
}

/**
 * Changes of one path, or of a path and what lies above or below it, run one after another in the order they were asked for;
 * changes of unrelated paths run at once. A job that waits and has the same `merge` key as a newer one for the same paths is replaced by
 * it, and both settle with the newer one's result: of a burst of saves only the newest content is uploaded.
 */
export class PathLocks {
  readonly #line: Waiter[] = [];

  run<T>(paths: readonly string[], job: () => Promise<T>, merge?: string): Promise<T> {
    const waiting = merge === undefined ? undefined : this.#lastFor(paths);
    if (waiting && !waiting.started && waiting.merge === merge) {
      waiting.job = job;
      return waiting.settled as Promise<T>;
    }
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const waiter: Waiter = { paths, merge, job, started: false, settled: promise };
    this.#line.push(waiter);
    this.#start(waiter, resolve);
    return promise as Promise<T>;
  }

  #lastFor(paths: readonly string[]): Waiter | undefined {
    return this.#line.findLast((other) => conflict(other.paths, paths));
  }

  #start(waiter: Waiter, resolve: (value: unknown) => void): void {
    const before = this.#line.filter((other) => other !== waiter && conflict(other.paths, waiter.paths)).map((other) => other.settled);
    const run = async (): Promise<unknown> => {
      await Promise.allSettled(before);
      waiter.started = true;
      try {
        return await waiter.job();
      } finally {
        this.#line.splice(this.#line.indexOf(waiter), 1);
      }
    };
    resolve(run());
  }
}

function conflict(some: readonly string[], others: readonly string[]): boolean {
  return some.some((path) => others.some((other) => contains(path, other) || contains(other, path)));
}
