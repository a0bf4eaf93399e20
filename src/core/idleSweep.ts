import type { Clock } from './clock.ts';
import { type Connection, holdersOf } from './connection.ts';

/** After so long without use, in ms, a connection beyond the first is closed; looked at four times in that time. */
const idleTime = 60_000;

/** Closes connections beyond the first that nobody uses any more. */
export class IdleSweep {
  readonly #clock: Clock;
  readonly #close: (connection: Connection) => void;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, close: (connection: Connection) => void) {
    this.#clock = clock;
    this.#close = close;
  }

  /** Looks at these later, where there may be something to close. */
  begin(connections: () => readonly Connection[]): void {
    if (this.#cancel !== undefined || connections().length <= 1) return;
    this.#cancel = this.#clock.after(idleTime / 4, () => {
      this.#cancel = undefined;
      const [, ...further] = connections();
      const now = this.#clock.now();
      for (const connection of further) if (holdersOf(connection) === 0 && now - connection.usedAt >= idleTime) this.#close(connection);
      this.begin(connections);
    });
  }

  end(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
