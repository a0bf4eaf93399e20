import type { Clock } from './clock.ts';
import { type Connection, holdersOf } from './connection.ts';
import { RemoteError, toRemoteError } from './errors.ts';
import { t } from './l10n.ts';
import { isAlive } from './proof.ts';
import type { Remote } from './remote.ts';

/** For who holds a connection and moves so much that others to the same server would make it faster. */
export interface Lender {
  /**
   * Runs `task` with other connections than `own` as they become free or are made, each once, `count` at most, until `signal` aborts; what
   * runs then goes on. No person is asked anything, work that waits comes first, and one connection stays clear of it. Nothing is said
   * where there is none to be had.
   */
  lend(own: Remote, count: number, signal: AbortSignal, task: (other: Remote) => Promise<void>): void;
}

export interface LoansContext {
  readonly clock: Clock;
  /** The task of a loan is over, or failed. */
  release(connection: Connection, failure: RemoteError | undefined): void;
  /** There is a new loan. */
  changed(): void;
}

interface Loan {
  readonly own: Remote;
  readonly had: Set<Connection>;
  readonly task: (other: Remote) => Promise<void>;
  left: number;
}

/** What is lent of the connections to one host. */
export class Loans implements Lender {
  readonly #context: LoansContext;
  readonly #all = new Set<Loan>();

  constructor(context: LoansContext) {
    this.#context = context;
  }

  /** How many connections beyond `usable` could be used. */
  missing(usable: readonly Connection[]): number {
    return usable.length === 0 ? 0 : [...this.#all].reduce((sum, { left }) => sum + left, 0);
  }

  lend(own: Remote, count: number, signal: AbortSignal, task: (other: Remote) => Promise<void>): void {
    if (signal.aborted) return;
    const loan: Loan = { own, had: new Set(), task, left: count };
    this.#all.add(loan);
    signal.addEventListener('abort', () => this.#all.delete(loan), { once: true });
    this.#context.changed();
  }

  /** Hands out what is free: of connections that calls share, in the order in which they were made. */
  serve(usable: readonly Connection[]): void {
    const [, ...further] = usable;
    for (const loan of this.#all) {
      for (const connection of further) {
        if (loan.left === 0) break;
        const { remote } = connection;
        if (remote === loan.own || remote.facts.parallel === 1 || connection.gone || loan.had.has(connection)) continue;
        if (holdersOf(connection) === 0) void this.#run(loan, connection);
      }
    }
  }

  async #run(loan: Loan, connection: Connection): Promise<void> {
    loan.left -= 1;
    loan.had.add(connection);
    connection.holders.bulk += 1;
    let failure: RemoteError | undefined;
    try {
      if (await isAlive(connection, this.#context.clock)) await loan.task(connection.remote);
      else failure = new RemoteError('Lost', t('The connection was lost while nothing used it.'));
    } catch (error) {
      failure = toRemoteError(error);
    }
    this.#context.release(connection, failure);
  }
}
