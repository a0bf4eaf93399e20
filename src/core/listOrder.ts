/** `moved`, in their order in `all`, before `before`; behind all others where that is undefined or not there. */
export function placeBefore<T>(all: readonly T[], moved: readonly T[], before: T | undefined): readonly T[] {
  const rest = all.filter((item) => !moved.includes(item));
  // Dropped on one that moves along, it is the place of the next one that stays.
  const anchor =
    before !== undefined && all.includes(before) ? all.slice(all.indexOf(before)).find((item) => rest.includes(item)) : undefined;
  const at = anchor === undefined ? rest.length : rest.indexOf(anchor);
  return [...rest.slice(0, at), ...all.filter((item) => moved.includes(item)), ...rest.slice(at)];
}

/** One step up or down for each of `moved` among `siblings`, which are not next to each other in `all`. None overtakes another of them. */
export function stepAmong<T>(all: readonly T[], siblings: readonly T[], moved: readonly T[], direction: 'up' | 'down'): readonly T[] {
  const moving = all.filter((item) => moved.includes(item) && siblings.includes(item));
  return (direction === 'up' ? moving : moving.toReversed()).reduce((list, item) => {
    const among = list.filter((each) => siblings.includes(each));
    const next = among[among.indexOf(item) + (direction === 'up' ? -1 : 1)];
    if (next === undefined || moving.includes(next)) return list;
    return direction === 'up' ? placeBefore(list, [item], next) : placeBefore(list, [next], item);
  }, all);
}
