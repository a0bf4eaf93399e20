import type { Connection } from './connection.ts';
import { abortError, type RemoteError } from './errors.ts';
import type { Lane } from './pool.ts';

interface Waiter {
  readonly lane: Lane;
  /** Nobody waits for it; it takes what there is. */
  readonly background: boolean;
  /** When it came, as the clock says. */
  readonly since: number;
  grant(connection: Connection): void;
  fail(error: RemoteError): void;
}

/** The work that waits for a connection to one host, in the order in which it came. */
export class WaitingLine {
  #waiters: readonly Waiter[] = [];

  get length(): number {
    return this.#waiters.length;
  }

  /** Whether there is work that somebody waits for. */
  get isAwaited(): boolean {
    return this.#waiters.some(({ background }) => !background);
  }

  of(lane: Lane): readonly Waiter[] {
    return this.#waiters.filter((waiter) => waiter.lane === lane);
  }

  /** `cancelled` is called after the signal took it out again. */
  join(order: Pick<Waiter, 'lane' | 'background' | 'since'>, signal: AbortSignal | undefined, cancelled: () => void): Promise<Connection> {
    const { promise, resolve, reject } = Promise.withResolvers<Connection>();
    const leave = () => {
      signal?.removeEventListener('abort', abort);
      this.#waiters = this.#waiters.filter((other) => other !== waiter);
    };
    const waiter: Waiter = {
      ...order,
      grant(connection) {
        leave();
        resolve(connection);
      },
      fail(error) {
        leave();
        reject(error);
      },
    };
    const abort = () => {
      if (signal === undefined) return;
      waiter.fail(abortError(signal));
      cancelled();
    };
    signal?.addEventListener('abort', abort, { once: true });
    this.#waiters = [...this.#waiters, waiter];
    return promise;
  }

  fail(error: RemoteError, which: (waiter: Waiter) => boolean = () => true): void {
    for (const waiter of this.#waiters.filter(which)) waiter.fail(error);
  }
}
