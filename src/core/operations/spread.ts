import { RemoteError, toRemoteError } from '../errors.ts';

/** More of what a task holds (a connection, or one to each of two servers), each for one step. */
export interface Further<H> {
  /** So many at once are worth asking for. */
  readonly count: number;
  /** Runs a step as soon as there is one; `signal` ends the waiting and the step. */
  run(step: (held: H, signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void>;
}

export interface Spread<H> {
  readonly own: H;
  /** How many steps at once make sense with `own`. */
  readonly parallel: number;
  readonly further: Further<H> | undefined;
  readonly signal: AbortSignal | undefined;
  /** A step that lost its further connection may be done again, with `own`. Default false: that is the failure of all. */
  readonly repeatable?: boolean;
}

/** For fewer items another log-in takes longer than it saves. */
const worthAnother = 4;

/**
 * `task` for every item, with what is held and as much more as the items are worth and there is: where there is no more, all is done with
 * `own`. Each item is taken when there is something to do it with. After a failure nothing more begins; rejects with the first failure once
 * all that run have settled.
 */
export async function forEachSpread<T, H>(
  items: readonly T[],
  spread: Spread<H>,
  task: (item: T, held: H, signal: AbortSignal | undefined) => Promise<void>,
): Promise<void> {
  const { own, parallel, further, signal } = spread;
  const left = [...items].reverse();
  const givenBack: T[] = [];
  const failures: unknown[] = [];
  const isOver = () => left.length === 0 || failures.length > 0;
  const waiting = new Set<AbortController>();
  const work = async () => {
    for (;;) {
      const item = failures.length > 0 ? undefined : left.pop();
      if (item === undefined) break;
      await task(item, own, signal).catch((error: unknown) => failures.push(error));
    }
    for (const each of waiting) each.abort();
  };
  const workElsewhere = async (others: Further<H>) => {
    while (!isOver()) {
      const outcome = await runOnce(others, waiting, signal, async (held, ended) => {
        const item = isOver() ? undefined : left.pop();
        if (item === undefined) return;
        await task(item, held, ended).catch((error: unknown) => {
          if (spread.repeatable === true && toRemoteError(error).dropsConnection && signal?.aborted !== true) givenBack.push(item);
          else failures.push(ofAnother(toRemoteError(error)));
          throw error;
        });
      });
      if (!outcome) return;
    }
  };
  const most = Math.min(further?.count ?? 0, Math.ceil(items.length / worthAnother) - parallel);
  const elsewhere = Array.from({ length: Math.max(0, most) }, () => further && workElsewhere(further));
  await Promise.all([...elsewhere, ...Array.from({ length: Math.max(1, parallel) }, work)]);
  left.push(...givenBack.reverse());
  await work();
  if (failures.length > 0) throw failures[0];
}

/** One step with something further; false: it failed, or there is no more to be had. Waits no longer than until its `waiting` is aborted. */
async function runOnce<H>(
  others: Further<H>,
  waiting: Set<AbortController>,
  signal: AbortSignal | undefined,
  step: (held: H, signal: AbortSignal) => Promise<void>,
): Promise<boolean> {
  const unwanted = new AbortController();
  waiting.add(unwanted);
  try {
    await others.run(
      (held, ended) => {
        waiting.delete(unwanted);
        return step(held, ended);
      },
      signal ? AbortSignal.any([signal, unwanted.signal]) : unwanted.signal,
    );
    return true;
  } catch {
    // What failed in the step was noted there; what kept it from beginning only makes it slower.
    return false;
  } finally {
    waiting.delete(unwanted);
  }
}

/** Of a failure, for those who would take it for the end of their own connection. */
function ofAnother(reason: RemoteError): RemoteError {
  if (!reason.dropsConnection) return reason;
  const { code, message, path, host, hint, retryable } = reason;
  return new RemoteError(code, message, { path, host, hint, retryable, dropsConnection: false, cause: reason });
}
