import { onAbort } from './abort.ts';

/** Runs tasks one after another: a person is asked one question at a time. */
export type Turns = <T>(signal: AbortSignal, task: () => Promise<T | undefined>) => Promise<T | undefined>;

/** A task whose signal aborts before its turn never runs and yields undefined at once. */
export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return async (signal, task) => {
    const turn = last.then(() => (signal.aborted ? undefined : task()));
    last = turn.catch(() => undefined);
    const aborted = Promise.withResolvers<undefined>();
    const stop = onAbort(signal, () => aborted.resolve(undefined));
    try {
      return await Promise.race([turn, aborted.promise]);
    } finally {
      stop.dispose();
    }
  };
}
