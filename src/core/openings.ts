import type { Clock } from './clock.ts';
import { RemoteError, toRemoteError } from './errors.ts';
import { t } from './l10n.ts';
import type { Remote } from './remote.ts';

/** One that takes longer, in ms, may hang for good: who has no connection waits for it no longer, though it may still be of use. */
const hopeTime = 3000;

export interface OpeningsContext {
  readonly clock: Clock;
  /** One attempt, without a question to the person. */
  connect(signal: AbortSignal): Promise<Remote>;
  succeeded(remote: Remote, isStandby: boolean): void;
  failed(error: RemoteError, isStandby: boolean): void;
  /** What came of an attempt that is nobody's any more. */
  discard(remote: Remote): void;
  /** After each of these, and where one gave no connection in good time. */
  changed(): void;
}

interface Opening {
  readonly abort: AbortController;
  isLate: boolean;
  done: Promise<void>;
}

/** The connections beyond the first that are being made. Each is tried once: it would be good to have, no more. */
export class Openings {
  readonly #context: OpeningsContext;
  readonly #all = new Set<Opening>();

  constructor(context: OpeningsContext) {
    this.#context = context;
  }

  get size(): number {
    return this.#all.size;
  }

  /** Whether one of them is likely to become a connection soon. */
  get isHopeful(): boolean {
    return [...this.#all].some(({ abort, isLate }) => !abort.signal.aborted && !isLate);
  }

  /** `isStandby`: in place of one that does not answer, so that a refusal says nothing about limits. */
  open(isStandby: boolean): void {
    const opening: Opening = { abort: new AbortController(), isLate: false, done: Promise.resolve() };
    this.#all.add(opening);
    opening.done = this.#run(opening, isStandby);
  }

  /** Ends them; resolves when nothing is left of any. */
  async end(): Promise<void> {
    for (const { abort } of this.#all) abort.abort(new RemoteError('Cancelled', t('Cancelled.')));
    await Promise.all([...this.#all].map(({ done }) => done));
  }

  async #run(opening: Opening, isStandby: boolean): Promise<void> {
    const { signal } = opening.abort;
    // At least one turn later, also where `connect` fails at once: nobody is rejected in the middle of asking.
    await Promise.resolve();
    const stop = this.#context.clock.after(hopeTime, () => {
      opening.isLate = true;
      this.#context.changed();
    });
    const outcome = await this.#context.connect(signal).catch(toRemoteError);
    stop();
    this.#all.delete(opening);
    if (outcome instanceof RemoteError) {
      if (!signal.aborted) this.#context.failed(outcome, isStandby);
    } else if (signal.aborted) this.#context.discard(outcome);
    else this.#context.succeeded(outcome, isStandby);
    this.#context.changed();
  }
}
