/** Calls `listener` when the signal aborts, at once if it has; dispose to stop. */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): { dispose(): void } {
  if (signal?.aborted === true) listener();
  else signal?.addEventListener('abort', listener, { once: true });
  return { dispose: () => signal?.removeEventListener('abort', listener) };
}
