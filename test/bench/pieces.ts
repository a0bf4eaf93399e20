import type { BenchResult, Figure, ServerFigures } from './figures.ts';
import { serverNames } from './servers.ts';

/** Runs that measured different things, as one; where two measured the same, the later counts. Throws where they were not measured alike. */
export function joinPieces(pieces: readonly BenchResult[]): BenchResult {
  const inTurn = pieces.toSorted((one, other) => one.time.localeCompare(other.time));
  const [first, ...others] = inTurn;
  if (first === undefined) throw new Error('There is nothing to be joined.');
  return others.reduce(joinTwo, first);
}

function joinTwo(one: BenchResult, other: BenchResult): BenchResult {
  for (const what of ['machine', 'rttMs', 'bytesPerSecond'] as const)
    if (one[what] !== other[what])
      throw new Error(`Not measured alike: ${what} is ${String(one[what])} in ${one.time}, ${String(other[what])} in ${other.time}.`);
  const lines = [one.line, other.line].filter((line) => line !== noLine);
  if (new Set(lines).size > 1) throw new Error(`Not measured alike: ${lines.join('; ')}.`);
  return {
    ...other,
    line: lines[0] ?? noLine,
    loadBefore: heavier(one.loadBefore, other.loadBefore),
    loadAfter: heavier(one.loadAfter, other.loadAfter),
    servers: joinServers([...one.servers, ...other.servers]),
    memory: lastOf([...one.memory, ...other.memory], ({ server }) => server),
    editor: other.editor ?? one.editor,
  };
}

/** What a run says of its line that had none. */
export const noLine = 'none';

function heavier(one: readonly number[], other: readonly number[]): readonly number[] {
  return (one[0] ?? 0) > (other[0] ?? 0) ? one : other;
}

function joinServers(servers: readonly ServerFigures[]): ServerFigures[] {
  return serverNames.flatMap((name) => {
    const same = servers.filter(({ server }) => server === name);
    const last = same.at(-1);
    if (last === undefined) return [];
    const figures = same.flatMap((each) => each.figures);
    const missing = [...new Set(same.flatMap((each) => each.missing))];
    const clients = lastOf(
      same.flatMap((each) => each.clients),
      ({ client }) => client,
    );
    return [{ ...last, clients, figures: lastOf(figures, ({ client, operation }) => `${operation} ${client}`, both), missing }];
  });
}

/** Lines that only one of them was measured on stay. */
function both(one: Figure, other: Figure): Figure {
  return { ...one, ...other };
}

/** One of each kind, in the order in which the kinds came. */
function lastOf<T>(all: readonly T[], kind: (one: T) => string, join: (one: T, other: T) => T = (_, other) => other): T[] {
  const found = new Map<string, T>();
  for (const one of all) {
    const before = found.get(kind(one));
    found.set(kind(one), before === undefined ? one : join(before, one));
  }
  return [...found.values()];
}
