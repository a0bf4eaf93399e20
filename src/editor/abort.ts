import type { CancellationToken } from 'vscode';

/** Calls `listener` when the signal aborts, at once if it has; dispose to stop. */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): { dispose(): void } {
  if (signal?.aborted === true) listener();
  else signal?.addEventListener('abort', listener, { once: true });
  return { dispose: () => signal?.removeEventListener('abort', listener) };
}

/** VS Code's cancellation as an AbortSignal; dispose when the work has ended. */
export function signalOf(token: CancellationToken): { readonly signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  const subscription = token.onCancellationRequested(() => controller.abort());
  return {
    signal: controller.signal,
    dispose() {
      subscription.dispose();
    },
  };
}
