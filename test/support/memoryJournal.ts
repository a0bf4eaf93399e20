import type { KeptContent, SaveJournal, Swap } from '../../src/core/operations/save.ts';

export interface MemoryJournal extends SaveJournal {
  readonly temporaries: ReadonlySet<string>;
  readonly asides: ReadonlyMap<string, Swap>;
  /** Of both. */
  readonly abandoned: ReadonlySet<string>;
  /** What was kept and is not done. */
  readonly kept: ReadonlySet<KeptContent>;
}

export function memoryJournal(): MemoryJournal {
  const temporaries = new Set<string>();
  const asides = new Map<string, Swap>();
  const abandoned = new Set<string>();
  const kept = new Set<KeptContent>();
  return {
    temporaries,
    asides,
    abandoned,
    kept,
    addTemporary(path) {
      temporaries.add(path);
      return Promise.resolve();
    },
    removeTemporary(path) {
      temporaries.delete(path);
      asides.delete(path);
      abandoned.delete(path);
      return Promise.resolve();
    },
    addAside(swap) {
      asides.set(swap.aside, swap);
      return Promise.resolve();
    },
    abandon(path) {
      if (temporaries.has(path) || asides.has(path)) abandoned.add(path);
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
