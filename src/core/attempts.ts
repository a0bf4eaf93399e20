import type { Clock } from './clock.ts';
import { RemoteError, toRemoteError } from './errors.ts';
import { t } from './l10n.ts';
import type { Remote } from './remote.ts';
import { mayPass, pause, pauseAfter } from './retry.ts';

/** However often new work comes, the next attempt begins no sooner after a failed one, in ms. */
const shortestGap = 1000;

export interface AttemptsContext {
  readonly clock: Clock;
  /** One attempt; `silent`: without a question to the person. */
  connect(silent: boolean, signal: AbortSignal): Promise<Remote>;
  /** Whether somebody waits who may be asked. */
  isAwaited(): boolean;
  /** Whether who waits does so for more than one attempt: then the pauses begin anew when somebody comes. */
  isPatient(): boolean;
  /** An attempt succeeded; the series is over. */
  succeeded(remote: Remote): void;
  /** An attempt failed. `pause`: ms until the next one; undefined: this won't pass by itself. Returns whether to go on. */
  failed(failure: AttemptFailure): boolean;
  /** What came of an attempt that is nobody's any more. */
  discard(remote: Remote): void;
  changed(): void;
}

export interface AttemptFailure {
  readonly error: RemoteError;
  readonly silent: boolean;
  /** In a row, from 1. */
  readonly count: number;
  readonly pause: number | undefined;
}

interface Series {
  readonly abort: AbortController;
  done: Promise<void>;
  /** Ends the pause that it makes; undefined while an attempt is made. */
  hurry: AbortController | undefined;
  isSilent: boolean;
}

/**
 * The attempts to get a host's first connection: one at a time, however many wait for it, with growing pauses; with questions to the person
 * while somebody waits, silent in the background.
 */
export class Attempts {
  readonly #context: AttemptsContext;
  #series: Series | undefined;
  #number = 0;
  #retryAt: number | undefined;

  constructor(context: AttemptsContext) {
    this.#context = context;
  }

  /** Undefined: none is made or will be. `retryAt`: when the next one begins, ms since the epoch; undefined while one is made. */
  get progress(): { readonly number: number; readonly retryAt: number | undefined } | undefined {
    return this.#series === undefined ? undefined : { number: this.#number, retryAt: this.#retryAt };
  }

  /** Whether an attempt is made that may ask the person. */
  get isAsking(): boolean {
    return this.#series !== undefined && this.#series.hurry === undefined && !this.#series.isSilent;
  }

  /**
   * Sees to it that attempts are made. `urgent`: the next one now, also in the middle of a pause. `failures`: what is to count as so many
   * before the first one.
   */
  begin(urgent: boolean, failures = 0): void {
    if (this.#series !== undefined) {
      if (urgent) this.#series.hurry?.abort();
      return;
    }
    this.#number = 1;
    this.#retryAt = undefined;
    const series: Series = { abort: new AbortController(), done: Promise.resolve(), hurry: undefined, isSilent: false };
    this.#series = series;
    series.done = this.#run(series, failures);
  }

  /** Ends the series; resolves when nothing of it is left. */
  end(): Promise<void> {
    const series = this.#series;
    this.#series = undefined;
    series?.abort.abort(new RemoteError('Cancelled', t('Cancelled.')));
    series?.hurry?.abort();
    return series?.done ?? Promise.resolve();
  }

  async #run(series: Series, failures: number): Promise<void> {
    const { signal } = series.abort;
    let count = failures;
    if (count > 0 && !(await this.#pause(series, pauseAfter(count)))) return;
    for (;;) {
      // At least one turn later, also where `connect` fails at once: nobody is rejected in the middle of asking.
      await Promise.resolve();
      const silent = !this.#context.isAwaited();
      if (series.isSilent && !silent && this.#context.isPatient()) count = 0;
      series.isSilent = silent;
      const outcome = await this.#context.connect(silent, signal).catch(toRemoteError);
      if (signal.aborted) {
        if (!(outcome instanceof RemoteError)) this.#context.discard(outcome);
        return;
      }
      if (!(outcome instanceof RemoteError)) {
        this.#series = undefined;
        this.#context.succeeded(outcome);
        return;
      }
      // A person came meanwhile, and can be asked what was missing.
      if (silent && !mayPass(outcome) && this.#context.isAwaited()) continue;
      count += 1;
      if (!(await this.#goesOn(series, { error: outcome, silent, count }))) return;
    }
  }

  async #goesOn(series: Series, failure: Omit<AttemptFailure, 'pause'>): Promise<boolean> {
    const ms = mayPass(failure.error) ? pauseAfter(failure.count) : undefined;
    // For whoever looks at how the host stands while they are told.
    if (ms !== undefined) this.#retryAt = this.#context.clock.now() + ms;
    if (!this.#context.failed({ ...failure, pause: ms }) || ms === undefined) {
      if (this.#series === series) this.#series = undefined;
      this.#context.changed();
      return false;
    }
    if (!(await this.#pause(series, ms))) return false;
    this.#number += 1;
    this.#context.changed();
    return true;
  }

  /** False: the series ended meanwhile. */
  async #pause(series: Series, ms: number): Promise<boolean> {
    const { clock } = this.#context;
    const hurry = (series.hurry = new AbortController());
    const least = Math.min(ms, shortestGap);
    this.#retryAt = clock.now() + ms;
    this.#context.changed();
    await pause(least, clock, series.abort.signal).catch(() => undefined);
    await pause(ms - least, clock, hurry.signal).catch(() => undefined);
    series.hurry = undefined;
    if (series.abort.signal.aborted) return false;
    this.#retryAt = undefined;
    return true;
  }
}
