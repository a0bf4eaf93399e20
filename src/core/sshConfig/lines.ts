import { nextWord, type Rest, splitArguments } from './words.ts';

/** One line of a configuration that says something. */
export interface ConfigLine {
  /** Lower case. */
  readonly keyword: string;
  /** All behind the keyword, as it stands. */
  readonly text: string;
  /** The same taken apart; never empty. */
  readonly words: readonly string[];
  /** From 1. */
  readonly number: number;
}

/** A file with more lines is none that a person keeps. */
const mostLines = 50_000;

/** The lines of a file; what OpenSSH would stop at (a keyword without an argument, an open quote) is left out. */
export function parseLines(content: string): readonly ConfigLine[] {
  return content
    .split('\n', mostLines)
    .map((line, index) => parseLine(line, index + 1))
    .filter((line) => line !== undefined);
}

function parseLine(line: string, number: number): ConfigLine | undefined {
  const rest: Rest = { text: line.replace(/[ \t\r\n\f]+$/, '') };
  const first = nextWord(rest);
  const keyword = (first === '' ? nextWord(rest) : first)?.toLowerCase();
  const text = rest.text?.replace(/^[ \t\r\n]+/, '') ?? '';
  if (keyword === undefined || keyword === '' || keyword.startsWith('#') || text === '') return undefined;
  const words = splitArguments(text);
  // Commands are taken as they stand: a quote in them is the shell's.
  const raw = keyword === 'proxycommand' || keyword === 'match';
  if (words === undefined) return raw ? { keyword, text, words: [text], number } : undefined;
  return words.length === 0 && !raw ? undefined : { keyword, text, words, number };
}
