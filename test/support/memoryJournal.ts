import type { KeptContent, SaveJournal } from '../../src/core/operations/save.ts';

export interface MemoryJournal extends SaveJournal {
  readonly temporaries: ReadonlySet<string>;
  /** What was kept and is not done. */
  readonly kept: ReadonlySet<KeptContent>;
}

export function memoryJournal(): MemoryJournal {
  const temporaries = new Set<string>();
  const kept = new Set<KeptContent>();
  return {
    temporaries,
    kept,
    addTemporary(path) {
      temporaries.add(path);
      return Promise.resolve();
    },
    removeTemporary(path) {
      temporaries.delete(path);
      return Promise.resolve();
    },
    keep(entry) {
      kept.add(entry);
      const done = () => {
        kept.delete(entry);
        return Promise.resolve();
      };
      return Promise.resolve({ location: '/journal', done });
    },
  };
}
