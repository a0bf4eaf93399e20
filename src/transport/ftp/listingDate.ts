import { monthNamed } from './listingMonths.ts';

/** A run of non-blanks in a line and where it lies. */
export interface Token {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export interface ListedDate {
  /** As if in UTC; undefined where the words were not understood. */
  readonly time: number | undefined;
  /** The last token of the date. */
  readonly last: Token;
  /** A date without a time is padded by some servers: blanks after it are no part of a name. */
  readonly padded: boolean;
}

interface Clock {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly exact: boolean;
}

/** The first `count` tokens of `text` from `start`. */
export function tokensOf(text: string, start: number, count: number): Token[] {
  const tokens: Token[] = [];
  const word = /[^ \t]+/g;
  word.lastIndex = start;
  while (tokens.length < count) {
    const found = word.exec(text);
    if (!found) break;
    tokens.push({ text: found[0], start: found.index, end: word.lastIndex });
  }
  return tokens;
}

/**
 * The date of an `ls` line that begins at `tokens[at]`. `anyMonth` takes any word for a month, for languages that are not known;
 * then `time` is undefined.
 */
export function dateAt(tokens: readonly Token[], at: number, anyMonth: boolean): ListedDate | undefined {
  return wholeDate(tokens, at) ?? yearFirst(tokens, at) ?? monthAndDay(tokens, at, anyMonth);
}

/** `2005-06-07 21:22:00.123 +0200`, `24-04-2003 17:12`, `2004.07.15`, `01-jun-99`. */
function wholeDate(tokens: readonly Token[], at: number): ListedDate | undefined {
  const token = tokens[at];
  const day = token && dayOf(token.text);
  if (!day) return undefined;
  const next = tokens[at + 1];
  const clock = next && clockOf(next.text);
  if (!clock) return { time: timeOn(day, undefined), last: token, padded: true };
  const zone = tokens[at + 2];
  return { time: timeOn(day, clock), last: zone && /^[+-]\d{4}$/.test(zone.text) ? zone : next, padded: false };
}

/** `2005년 1월 6일`: only with a sign after the month, or three numbers would do. */
function yearFirst(tokens: readonly Token[], at: number): ListedDate | undefined {
  const [first, second, third] = [tokens[at], tokens[at + 1], tokens[at + 2]];
  if (!first || !second || !third || !/^\d{1,2}[\x80-\xff]/.test(second.text)) return undefined;
  const year = yearOf(first.text);
  const month = numberIn(second.text, 12);
  const day = numberIn(third.text, 31);
  if (year === undefined || month === undefined || day === undefined) return undefined;
  return { time: timeOn([year, month - 1, day], undefined), last: third, padded: false };
}

/** `Jan  1 12:34`, `26. Juli, 20:10`, `3 29 03:26`, `09-26 2000`, `8月 17 08:52`, `2月16日 14:25`, `Oct 08, 2002 09:47`. */
function monthAndDay(tokens: readonly Token[], at: number, anyMonth: boolean): ListedDate | undefined {
  const first = tokens[at];
  if (!first) return undefined;
  const both = /^(\d{1,2})(?:-|[\x80-\xff]{2,4})(\d{1,2})(?:[\x80-\xff]{2,4})?$/.exec(first.text);
  if (both) return withYear(tokens, at + 1, Number(both[1]) - 1, Number(both[2]));
  const second = tokens[at + 1];
  if (!second) return undefined;
  const named = monthNamed(first.text);
  const swapped = named === undefined ? monthNamed(second.text) : undefined;
  if (swapped !== undefined) return withYear(tokens, at + 2, swapped, numberIn(first.text, 31));
  const month = named ?? monthNumber(first.text);
  if (month !== undefined) return withYear(tokens, at + 2, month, numberIn(second.text, 31));
  if (!anyMonth) return undefined;
  if (isWord(first.text) && numberIn(second.text, 31) !== undefined) return withYear(tokens, at + 2, undefined, 1);
  if (isWord(second.text) && numberIn(first.text, 31) !== undefined) return withYear(tokens, at + 2, undefined, 1);
  return undefined;
}

/** Of the commonest form alone, `Jan 1 12:34` or `Jan 1 2004`, as `dateAt` has it; undefined for any other. */
export function commonDate(month: string, day: string, end: string): number | undefined {
  const named = monthNamed(month);
  const number = numberIn(day, 31);
  if (named === undefined || number === undefined) return undefined;
  const year = yearOf(end);
  if (year !== undefined) return timeOn([year, named, number], undefined);
  const clock = clockOf(end);
  return clock && latest(named, number, clock);
}

function withYear(tokens: readonly Token[], at: number, month: number | undefined, day: number | undefined): ListedDate | undefined {
  const token = tokens[at];
  if (!token || day === undefined || (month !== undefined && (month < 0 || month > 11))) return undefined;
  const next = tokens[at + 1];
  const year = yearOf(token.text);
  if (year !== undefined) {
    const late = /,$/.test(tokens[at - 1]?.text ?? '') && next ? clockOf(next.text) : undefined;
    return { time: month === undefined ? undefined : timeOn([year, month, day], late), last: late && next ? next : token, padded: false };
  }
  const clock = clockOf(token.text);
  if (!clock) return undefined;
  const yearAfter = clock.exact && next ? yearOf(next.text) : undefined;
  const time =
    month === undefined ? undefined : yearAfter === undefined ? latest(month, day, clock) : timeOn([yearAfter, month, day], clock);
  return { time, last: yearAfter !== undefined && next ? next : token, padded: false };
}

/** Year, month (0 to 11), day of a token that is a whole date. */
function dayOf(text: string): [number, number, number] | undefined {
  const iso = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/.exec(text);
  if (iso) return checked(Number(iso[1]), Number(iso[2]) - 1, Number(iso[3]));
  const dayFirst = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})$/.exec(text);
  if (dayFirst) return checked(Number(dayFirst[4]), Number(dayFirst[3]) - 1, Number(dayFirst[1]));
  const named = /^(\d{1,2})-([^-\d]{3,9})-(\d{4}|\d\d)$/.exec(text);
  const month = named ? monthNamed(named[2] ?? '') : undefined;
  return named && month !== undefined ? checked(fullYear(Number(named[3])), month, Number(named[1])) : undefined;
}

function checked(year: number, month: number, day: number): [number, number, number] | undefined {
  return month >= 0 && month < 12 && day >= 1 && day <= 31 ? [year, month, day] : undefined;
}

/** Two-digit years, and the three-digit ones of servers that count from 1900. */
export function fullYear(year: number): number {
  if (year < 70) return 2000 + year;
  return year < 1000 ? 1900 + year : year;
}

/** `12:34`, `12:34:56.789`, `03:05PM`, `24:00`. */
export function clockOf(text: string): Clock | undefined {
  const found = /^(\d{1,2})[:.](\d\d)(?:[:.](\d\d)(?:\.\d{1,9})?)?([AP]M?)?$/i.exec(text);
  if (!found) return undefined;
  const [hour, minute, second] = [Number(found[1]), Number(found[2]), Number(found[3] ?? 0)];
  if (hour > 24 || minute > 59 || second > 60) return undefined;
  const half = found[4]?.[0]?.toUpperCase();
  const shift = half === 'P' && hour < 12 ? 12 : half === 'A' && hour === 12 ? -12 : 0;
  return { hour: hour + shift, minute, second, exact: found[3] !== undefined };
}

export function timeOn([year, month, day]: readonly [number, number, number], clock: Clock | undefined): number {
  return Date.UTC(year, month, day, clock?.hour ?? 0, clock?.minute ?? 0, clock?.second ?? 0);
}

/** A time without a year lies within the last twelve months; a day ahead is another time zone. */
function latest(month: number, day: number, clock: Clock): number {
  const now = Date.now();
  const year = new Date(now).getUTCFullYear() + 1;
  const limit = now + 24 * 60 * 60 * 1000;
  for (const candidate of [year, year - 1]) {
    const time = timeOn([candidate, month, day], clock);
    if (time <= limit) return time;
  }
  return timeOn([year - 2, month, day], clock);
}

function yearOf(text: string): number | undefined {
  const found = /^((?:19|20)\d\d)(?:[\x80-\xff].{0,5})?$/.exec(text);
  return found ? Number(found[1]) : undefined;
}

function monthNumber(text: string): number | undefined {
  const month = numberIn(text, 12);
  return month === undefined ? undefined : month - 1;
}

/** The number at the start of `17`, `26.`, `08,`, `8月`; undefined beyond `most`. */
function numberIn(text: string, most: number): number | undefined {
  const found = /^(\d{1,2})(?:[.,]|[\x80-\xff].{0,5})?$/.exec(text);
  const value = Number(found?.[1]);
  return found && value >= 1 && value <= most ? value : undefined;
}

function isWord(text: string): boolean {
  return /^[^\d:]{2,20}$/.test(text);
}
