import { matchesPatternList } from './patterns.ts';

/**
 * The algorithms that a line names: `+` adds to `usual`, `-` takes away from it, `^` puts before it, anything else takes its place. Names
 * may be patterns; only what is in `all` can be named. Empty where nothing is left.
 */
export function assembleAlgorithms(spec: string, usual: readonly string[], all: readonly string[]): readonly string[] {
  const sign = /^[+^-]/.exec(spec)?.[0];
  const patterns = (sign === undefined ? spec : spec.slice(1)).split(',');
  if (sign === '-') return usual.filter((name) => !matchesPatternList(name, patterns.join(',')));
  const named = patterns.flatMap((pattern) => all.filter((name) => matchesPatternList(name, pattern)));
  const list = sign === '+' ? [...usual, ...named] : sign === '^' ? [...named, ...usual] : named;
  return [...new Set(list)];
}
