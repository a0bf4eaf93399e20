import type { Clock } from './clock.ts';

/** How often the clock is looked at, in ms. */
const step = 5000;
/** A look that comes so much too late, in ms, means that the computer slept. */
const jump = 5000;

/** Tells when the computer has slept: the clock went on, the timers did not. */
export class SleepWatch {
  readonly #clock: Clock;
  readonly #slept: () => void;
  #due = 0;
  #cancel: (() => void) | undefined;

  /** `slept` is called once after each sleep, at the latest with the next `look`. */
  constructor(clock: Clock, slept: () => void) {
    this.#clock = clock;
    this.#slept = slept;
  }

  begin(): void {
    if (this.#cancel === undefined) this.#arm();
  }

  end(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** Before work begins: it may come earlier than the timer. */
  look(): void {
    if (this.#cancel === undefined || this.#clock.now() - this.#due < jump) return;
    this.#cancel();
    this.#arm();
    this.#slept();
  }

  #arm(): void {
    this.#due = this.#clock.now() + step;
    this.#cancel = this.#clock.after(step, () => {
      const late = this.#clock.now() - this.#due >= jump;
      this.#arm();
      if (late) this.#slept();
    });
  }
}
