import type { TextCut } from './imported.ts';

/** Cuts a piece out, with its whole line where nothing else stands on that, else with the blanks behind it. */
export function cutAway(text: string, start: number, end: number): TextCut {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const lineEnd = /[ \t]*\r?\n/y;
  lineEnd.lastIndex = end;
  if (text.slice(lineStart, start).trim() === '' && lineEnd.test(text)) return cut(text, lineStart, lineEnd.lastIndex);
  const blanks = /[ \t]*/y;
  blanks.lastIndex = end;
  blanks.test(text);
  return cut(text, start, blanks.lastIndex);
}

/** Puts something else in the place of a piece. */
export function cut(text: string, start: number, end: number, becomes = ''): TextCut {
  return { at: start, was: text.slice(start, end), becomes };
}

/** The text with pieces of it replaced, none of which overlap. */
export function withCuts(text: string, cuts: readonly TextCut[]): string {
  const backwards = cuts.toSorted((one, other) => other.at - one.at);
  return backwards.reduce((result, { at, was, becomes }) => result.slice(0, at) + becomes + result.slice(at + was.length), text);
}
