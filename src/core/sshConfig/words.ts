/** How OpenSSH takes the lines of its configuration apart (`strdelim` and `argv_split` of its misc.c). */

/** What is left of a line while words are taken from it; undefined at its end. */
export interface Rest {
  text: string | undefined;
}

const blanks = ' \t\r\n';

function skip(text: string, from: number): number {
  let at = from;
  while (at < text.length && blanks.includes(text[at] ?? '')) at++;
  return at;
}

/**
 * The next word as keywords and the criteria of `Match` are read: ended by blanks or one `=`; what is quoted ends it as well. Undefined at
 * the end, and for a quote that nothing closes.
 */
export function nextWord(rest: Rest): string | undefined {
  const { text } = rest;
  if (text === undefined) return undefined;
  const end = text.search(/[ \t\r\n"=]/);
  if (end < 0) {
    rest.text = undefined;
    return text;
  }
  if (text[end] === '"') return quotedWord(rest, text, end);
  let next = skip(text, end + 1);
  if (text[end] !== '=' && text[next] === '=') next = skip(text, next + 1);
  rest.text = text.slice(next);
  return text.slice(0, end);
}

function quotedWord(rest: Rest, text: string, start: number): string | undefined {
  const close = text.indexOf('"', start + 1);
  if (close < 0) {
    rest.text = undefined;
    return undefined;
  }
  rest.text = text.slice(skip(text, close + 1));
  return text.slice(0, start) + text.slice(start + 1, close);
}

/** The arguments of a keyword, quotes and escapes taken away, up to a comment; undefined for a quote that nothing closes. */
export function splitArguments(text: string): string[] | undefined {
  const words: string[] = [];
  let at = 0;
  for (;;) {
    while (text[at] === ' ' || text[at] === '\t') at++;
    if (at >= text.length || text[at] === '#') return words;
    const word = readArgument(text, at);
    if (word === undefined) return undefined;
    words.push(word.value);
    at = word.end;
  }
}

function readArgument(text: string, start: number): { readonly value: string; readonly end: number } | undefined {
  let value = '';
  let quote = '';
  let at = start;
  for (; at < text.length; at++) {
    const character = text[at] ?? '';
    const next = text[at + 1] ?? '';
    const escapes = character === '\\' && (next === "'" || next === '"' || next === '\\' || (quote === '' && next === ' '));
    if (escapes) {
      value += next;
      at++;
    } else if (quote === '' && (character === ' ' || character === '\t')) break;
    else if (quote === '' && (character === '"' || character === "'")) quote = character;
    else if (quote !== '' && character === quote) quote = '';
    else value += character;
  }
  return quote === '' ? { value, end: at } : undefined;
}
