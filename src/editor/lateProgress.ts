import { ProgressLocation, window } from 'vscode';
import { onAbort } from './abort.ts';

/** A person notices a wait from here on, in ms; quicker work shows nothing. */
const patience = 700;

/**
 * Runs `task`; when it takes longer a notification with `title` and a working Cancel appears. Cancel aborts the signal that the
 * task was given; it is the task that ends.
 */
export async function withLateProgress<T>(title: string, task: (signal: AbortSignal) => Promise<T>, outer?: AbortSignal): Promise<T> {
  const own = new AbortController();
  const stop = onAbort(outer, () => own.abort());
  const work = task(own.signal);
  const settled = work.then(
    () => undefined,
    () => undefined,
  );
  const timer = setTimeout(() => {
    void window.withProgress({ location: ProgressLocation.Notification, cancellable: true, title }, (_progress, token) => {
      token.onCancellationRequested(() => own.abort());
      return settled;
    });
  }, patience);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
    stop.dispose();
  }
}
