import type { Clock } from './clock.ts';
import { RemoteError } from './errors.ts';
import { t } from './l10n.ts';

/** How long, in ms, a failure that asked for the person answers everybody: an Explorer asks ten things at once. Three times as long each time. */
const guardTime = 3000;
const longestGuard = 60_000;

/** Why a host is not connected, and for how long that keeps others from trying. */
export class Setback {
  readonly #clock: Clock;
  #last: { readonly error: RemoteError; readonly at: number; readonly silent: boolean } | undefined;
  #refusals = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get error(): RemoteError | undefined {
    return this.#last?.error;
  }

  /** Failures in a row that asked for the person, who was there to be asked. */
  get refusals(): number {
    return this.#refusals;
  }

  /** `silent`: nobody was asked, so that it keeps no person's work from asking. */
  note(error: RemoteError, silent: boolean): void {
    const shown = silent && error.code === 'Cancelled' ? loginNeeded() : error;
    this.#last = { error: shown, at: this.#clock.now(), silent };
    if (!error.retryable && !silent) this.#refusals += 1;
  }

  /** Only a person can log in here. */
  needLogin(): void {
    this.note(loginNeeded(), true);
  }

  forget(): void {
    this.#last = undefined;
    this.#refusals = 0;
  }

  /** Throws what a person was just told instead of doing the same again: most of all, no log-in is repeated by itself. */
  assertOver(): void {
    if (this.#last === undefined || this.#last.silent || this.#last.error.retryable) return;
    const guard = Math.min(longestGuard, guardTime * 3 ** (this.#refusals - 1));
    if (this.#clock.now() - this.#last.at < guard) throw this.#last.error;
  }
}

function loginNeeded(): RemoteError {
  return new RemoteError('Auth', t('A log-in is needed.'), { hint: t('Choose “Connect” for this host, or open one of its files.') });
}
