import { latin1Of, listed, type LineParser } from './listedEntry.ts';
import { clockOf, fullYear, timeOn } from './listingDate.ts';

const columns =
  /^\s{0,4}(\d{1,4})([-/.])(\d{1,2})\2(\d{2,4})\s{1,8}(\d{1,2}:\d\d(?::\d\d)?)\s{0,3}([AP]M?)?\s{1,40}(?:(<[A-Z]{3,10}>)|(\d{1,3}(?:[.,\u00a0 ]\d{3}){1,5}|\d{1,16}))( *)/i;

/** Blanks between `<DIR>` and the name: it begins in the column where that of a file does. */
const blanksAfterDir = 10;

/** IIS and other servers on Windows: `01-31-24  03:05PM       <DIR>          name`, also with four-digit years, day first or in ISO order. */
export const parseDosLine: LineParser = ({ bytes, text }, decode) => {
  const found = columns.exec(text);
  if (!found) return undefined;
  const [whole, first = '', separator = '', second = '', third = '', time = '', half = '', label, size, blanks = ''] = found;
  const day = dayOf(Number(first), Number(second), Number(third), first.length, separator);
  if (!day || blanks === '') return undefined;
  const approximateMtime = timeOn(day, clockOf(time + half));
  const start = whole.length - blanks.length;
  if (size !== undefined) {
    const bytesCount = Number(size.replace(/\D/g, ''));
    return listed(decode(bytes.subarray(start + 1)), { kind: 'file', size: bytesCount, approximateMtime });
  }
  const name = bytes.subarray(start + (blanks.length >= blanksAfterDir ? blanksAfterDir : blanks.length));
  if (label?.toUpperCase() === '<DIR>') return listed(decode(name), { kind: 'directory', approximateMtime });
  return linkNamed(bytes.subarray(whole.length), decode, approximateMtime);
};

/** `<SYMLINKD> name [C:\target]`, `<JUNCTION> name`. */
function linkNamed(rest: Uint8Array, decode: (name: Uint8Array) => string, approximateMtime: number): ReturnType<LineParser> {
  const text = latin1Of(rest);
  const bracket = text.endsWith(']') ? text.lastIndexOf(' [') : -1;
  const name = bracket > 0 ? rest.subarray(0, bracket) : rest;
  const target = bracket > 0 ? decode(rest.subarray(bracket + 2, -1)) : undefined;
  return listed(decode(name), { kind: 'symlink', target, approximateMtime });
}

function dayOf(first: number, second: number, third: number, digits: number, separator: string): [number, number, number] | undefined {
  if (digits === 4) return inRange([first, second - 1, third]);
  const dayFirst = separator === '.' || first > 12;
  return inRange([fullYear(third), (dayFirst ? second : first) - 1, dayFirst ? first : second]);
}

function inRange(day: [number, number, number]): [number, number, number] | undefined {
  return day[1] >= 0 && day[1] < 12 && day[2] >= 1 && day[2] <= 31 ? day : undefined;
}
