import type { Kind } from '../../core/remote.ts';
import { listed, type Decode, type LineParser, type ListedAttributes, type ListedEntry, type ListingLine } from './listedEntry.ts';
import { commonDate, dateAt, tokensOf, type ListedDate, type Token } from './listingDate.ts';

const kinds: Readonly<Record<string, Kind>> = { '-': 'file', d: 'directory', l: 'symlink' };

const permissions = /^[-dlbcpsDCnPm]([-r][-w][-xsSlLtT][-r][-w][-xsSlLtT][-r][-w][-xsSlLtT])[.+@]?/;

/** How many tokens after the permissions can matter: links, an owner and group of several words, size, date. */
const lookAhead = 16;

/** A line of `ls -l` as nearly all servers send it, in any language; the numeric form of a few is understood as well. */
export const parseUnixLine: LineParser = (line, decode) => {
  const common = parseCommonLine(line, decode);
  if (common) return common;
  const found = permissions.exec(line.text);
  if (!found) return parseNumericLine(line, decode);
  const tokens = tokensOf(line.text, found[0].length, lookAhead);
  const columns = columnsOf(tokens);
  if (!columns) return undefined;
  const kind = kinds[line.text[0] ?? ''] ?? 'other';
  const told = { ...ownersOf(tokens.slice(0, columns.sizeAt)), ...sizeOf(columns), mode: modeOf(found[1] ?? '') };
  return named(line, startOfName(line.text, columns), decode, { ...told, kind, approximateMtime: columns.date?.time });
};

/**
 * As nearly all lines are: read in one step, because long folders consist of them. Only what `columnsOf` can't read otherwise: owner and group
 * are no number that could be a day or a month.
 */
const commonLine =
  /^([-d])([-r][-w][-xsSlLtT][-r][-w][-xsSlLtT][-r][-w][-xsSlLtT]) +(\d{1,9}) +([a-z_][\w-]*|\d{3,16}) +([a-z_][\w-]*|\d{3,16}) +(\d{1,15}) ([A-Z][a-z][a-z]) +(\d{1,2}) +(\d\d:\d\d|\d{4}) ./;

function parseCommonLine(line: ListingLine, decode: Decode): ListedEntry | undefined {
  const found = commonLine.exec(line.text);
  if (!found) return undefined;
  const [whole, letter, permitted = '', links, owner, group, size, month = '', day = '', end = ''] = found;
  const approximateMtime = commonDate(month, day, end);
  if (approximateMtime === undefined) return undefined;
  const kind = letter === 'd' ? 'directory' : 'file';
  const told = { kind, links: Number(links), owner, group, size: Number(size), mode: modeOf(permitted), approximateMtime } as const;
  return listed(decode(line.bytes.subarray(whole.length - 1)), told);
}

interface Columns {
  /** Index of the token that holds the size. */
  readonly sizeAt: number;
  readonly size: string;
  /** The size is all of its token; else something touches it, and it may be no size at all. */
  readonly isWhole: boolean;
  readonly date: ListedDate | undefined;
  readonly last: Token;
}

const sizeForms = [
  [/^\d{1,16}$|^\d{1,8}[.,]?\d{0,2}[kKMGT]$/, false],
  [/^\d{1,16}$/, true],
  [/\d{1,16}$/, false],
] as const;

/** Finds size and date by their form: everything before varies too much. */
function columnsOf(tokens: readonly Token[]): Columns | undefined {
  for (const [size, anyMonth] of sizeForms) {
    for (const [index, token] of tokens.entries()) {
      const found = size.exec(token.text);
      const date = found ? dateAt(tokens, index + 1, anyMonth) : undefined;
      if (found && date) return { sizeAt: index, size: found[0], isWhole: found[0] === token.text, date, last: date.last };
    }
  }
  return withoutDate(tokens);
}

/** `drwxr-xr-x 3 user group 512 name`. */
function withoutDate(tokens: readonly Token[]): Columns | undefined {
  const [links, , , size] = tokens;
  if (tokens.length < 5 || !links || !size || !/^\d+$/.test(links.text) || !/^\d{1,16}$/.test(size.text)) return undefined;
  return { sizeAt: 3, size: size.text, isWhole: true, date: undefined, last: size };
}

/** Exactly one blank parts the date from the name: names may begin with blanks. */
function startOfName(text: string, { last, date }: Columns): number {
  let start = last.end + 1;
  if (date?.padded) while (text[start] === ' ') start++;
  return start;
}

function ownersOf(tokens: readonly Token[]): Pick<ListedAttributes, 'links' | 'owner' | 'group'> {
  const texts = tokens.map((token) => token.text);
  // The major number of a device stands where the size does.
  if (texts.at(-1)?.endsWith(',')) texts.pop();
  const links = texts[0] !== undefined && /^\d{1,9}$/.test(texts[0]) ? Number(texts.shift()) : undefined;
  const [owner, ...group] = texts;
  return { links, owner, group: group.length > 0 ? group.join(' ') : undefined };
}

const units: Readonly<Record<string, number>> = { K: 1, M: 2, G: 3, T: 4 };

function sizeOf({ size: text, isWhole }: Columns): Pick<ListedAttributes, 'size' | 'exactSize'> {
  const power = units[text.at(-1)?.toUpperCase() ?? ''];
  if (power === undefined) return { size: Number(text), exactSize: isWhole };
  return { size: Math.round(Number(text.slice(0, -1).replace(',', '.')) * 1024 ** power), exactSize: false };
}

/** Most files of a server have one of a few. */
const modes = new Map<string, number>();
const manyModes = 100;

/** `rwxr-sr-t` as bits. */
function modeOf(text: string): number {
  let mode = modes.get(text);
  if (mode !== undefined) return mode;
  mode = readMode(text);
  if (modes.size < manyModes) modes.set(text, mode);
  return mode;
}

function readMode(text: string): number {
  let mode = 0;
  for (const [index, letter] of Array.from(text).entries()) {
    if (letter !== '-' && letter !== 'S' && letter !== 'T' && letter !== 'l' && letter !== 'L') mode |= 0o400 >> index;
    if (index % 3 === 2 && /[sStT]/.test(letter)) mode |= 0o4000 >> Math.floor(index / 3);
  }
  return mode;
}

function named(
  { bytes, text }: ListingLine,
  start: number,
  decode: Decode,
  told: Partial<ListedAttributes> & Pick<ListedAttributes, 'kind'>,
): ListedEntry | undefined {
  if (start >= text.length) return undefined;
  const arrow = told.kind === 'symlink' ? arrowAt(text, start, told.size ?? 0) : -1;
  if (arrow < 0) return listed(decode(bytes.subarray(start)), told);
  return listed(decode(bytes.subarray(start, arrow)), { ...told, target: decode(bytes.subarray(arrow + 4)) });
}

/** Name and target may both hold ` -> `; the size of a link is the length of its target. */
function arrowAt(text: string, start: number, targetLength: number): number {
  const arrow = ' -> ';
  const bySize = text.length - targetLength - arrow.length;
  if (bySize > start && text.startsWith(arrow, bySize)) return bySize;
  return text.indexOf(arrow, start + 1);
}

/** `0100644 500 101 12345 123456789 name`: mode, owner, group, size and time as numbers. */
function parseNumericLine(line: ListingLine, decode: Decode): ListedEntry | undefined {
  const found = /^0([0-7]{5,6}) {1,20}(\d{1,10}) {1,20}(\d{1,10}) {1,20}(\d{1,16}) {1,20}(\d{6,12}) {1,20}/.exec(line.text);
  if (!found) return undefined;
  const [whole, mode = '', owner, group, size, seconds] = found;
  const bits = parseInt(mode, 8);
  const types: Readonly<Record<number, Kind>> = { 0o4: 'directory', 0o10: 'file', 0o12: 'symlink' };
  return named(line, whole.length, decode, {
    kind: types[bits >> 12] ?? 'other',
    mode: bits & 0o7777,
    owner,
    group,
    size: Number(size),
    approximateMtime: Number(seconds) * 1000,
  });
}
