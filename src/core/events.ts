export interface Disposable {
  dispose(): void;
}

/** Subscribes; `dispose` ends the subscription. */
export type Event<T> = (listener: (value: T) => void) => Disposable;

export interface Emitter<T> {
  readonly event: Event<T>;
  /** Calls every listener; one that throws keeps neither the others nor the caller from going on. */
  fire(value: T): void;
  dispose(): void;
}

export function createEmitter<T>(): Emitter<T> {
  const listeners = new Set<{ readonly call: (value: T) => void }>();
  return {
    event(call) {
      const listener = { call };
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
    fire(value) {
      for (const listener of [...listeners]) {
        try {
          listener.call(value);
        } catch (error) {
          // Reported by whoever watches unhandled rejections: a broken listener must not break the work that it listens to.
          void Promise.reject(error instanceof Error ? error : new Error(String(error)));
        }
      }
    },
    dispose: () => listeners.clear(),
  };
}
