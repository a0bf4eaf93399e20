import { abortError, RemoteError, toRemoteError } from '../../core/errors.ts';
import type { Call } from '../../core/remote.ts';

/**
 * One call of the Remote: its requests, and what is to be cleared up after it. One listener on the call's signal serves however
 * many requests are in flight.
 */
export class Scope {
  readonly #members = new Set<(reason: RemoteError) => void>();
  readonly #cleanups = new Set<() => void>();
  #reason: RemoteError | undefined;

  /** Why no more requests may be made; undefined while the call runs. */
  get reason(): RemoteError | undefined {
    return this.#reason;
  }

  /** `cancel` is called if the scope ends before the function that this returns is called. */
  enter(cancel: (reason: RemoteError) => void): () => void {
    this.#members.add(cancel);
    return () => void this.#members.delete(cancel);
  }

  /** `cleanup` runs once, when the scope ends (at once if it has), unless the function that this returns is called before. */
  defer(cleanup: () => void): () => void {
    if (this.#reason) cleanup();
    else this.#cleanups.add(cleanup);
    return () => void this.#cleanups.delete(cleanup);
  }

  end(reason: RemoteError): void {
    if (this.#reason) return;
    this.#reason = reason;
    for (const cancel of [...this.#members]) cancel(reason);
    for (const cleanup of [...this.#cleanups]) cleanup();
    this.#members.clear();
    this.#cleanups.clear();
  }
}

/* One for all calls: a stack trace for each would cost more than many a call. */
const isOver = new RemoteError('Cancelled', 'The call is over.');

/** Runs `body` as one call: settles at once when the signal aborts, whatever `body` waits for; throws only RemoteErrors. */
export async function inScope<T>(call: Call | undefined, body: (scope: Scope) => Promise<T>): Promise<T> {
  const signal = call?.signal;
  if (signal?.aborted) throw abortError(signal);
  const scope = new Scope();
  const onAbort = () => scope.end(signal ? abortError(signal) : new RemoteError('Cancelled', 'Cancelled.'));
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await new Promise<T>((resolve, reject) => {
      scope.enter(reject);
      body(scope).then(resolve, reject);
    });
  } catch (error) {
    throw toRemoteError(error);
  } finally {
    signal?.removeEventListener('abort', onAbort);
    scope.end(isOver);
  }
}

export type Outcome<T> = { readonly value: T } | { readonly error: unknown };

/** The outcome of a request that goes out together with others and is looked at later. Never rejects. */
export function outcome<T>(promise: Promise<T>): Promise<Outcome<T>> {
  return promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
}
