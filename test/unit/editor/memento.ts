import type { Memento } from 'vscode';

/** VS Code's `Memento` in memory; values are copied like in the real one, so that nobody changes them by reference. */
export function createMemento(): Memento {
  const values = new Map<string, string>();
  return {
    keys: () => [...values.keys()],
    get: (key: string, missing?: unknown) => (values.has(key) ? (JSON.parse(values.get(key) ?? '') as unknown) : missing) as never,
    update(key, value) {
      if (value === undefined) values.delete(key);
      else values.set(key, JSON.stringify(value));
      return Promise.resolve();
    },
  };
}
