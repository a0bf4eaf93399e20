/** A connection that is replaced within this time, in ms, makes no row flicker. */
const settlingTime = 200;

/** Calls `show` with each thing that changed, once things have come to rest. */
export function settling<T>(show: (changed: T) => void) {
  const waiting = new Set<T>();
  let timer: NodeJS.Timeout | undefined;
  return {
    soon: (changed: T) => {
      waiting.add(changed);
      timer ??= setTimeout(() => {
        timer = undefined;
        const all = [...waiting];
        waiting.clear();
        all.forEach(show);
      }, settlingTime);
    },
    dispose: () => clearTimeout(timer),
  };
}
