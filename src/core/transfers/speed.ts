import type { Clock } from '../clock.ts';

/** Over so many ms. */
const span = 5000;
/** What comes within so many ms counts as one. */
const grain = 250;

/** How fast bytes came in the last seconds. */
export class Speed {
  readonly #clock: Clock;
  readonly #marks: { readonly at: number; bytes: number }[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(bytes: number): void {
    if (bytes <= 0) return;
    const at = this.#clock.now();
    const last = this.#marks.at(-1);
    if (last !== undefined && at - last.at < grain) last.bytes += bytes;
    else this.#marks.push({ at, bytes });
    this.#forget(at);
  }

  /** Bytes a second. */
  get now(): number {
    const at = this.#clock.now();
    this.#forget(at);
    const first = this.#marks[0];
    if (first === undefined) return 0;
    const bytes = this.#marks.reduce((sum, mark) => sum + mark.bytes, 0);
    return bytes / (Math.max(1000, at - first.at) / 1000);
  }

  #forget(now: number): void {
    while (this.#marks[0] !== undefined && now - this.#marks[0].at > span) this.#marks.shift();
  }
}
