import { basename, isSafeName, normalize } from '../path.ts';

/*
 * The names within a trash say all that is to be known of what is in it, so that it needs no index that could get lost, and nothing is
 * written for it: `TRASH/20261122T104223Z-0123456789abcdef-0%2Fwww%2Fa.txt/a.txt` was deleted as `/www/a.txt`. A long path goes on in
 * folders within (`=…`), as many as the number before it says. A person can read them without Ferry.
 */

/** What the name of one entry of the trash says. Names are hostile input: nothing in it is true because it is written there. */
export interface TrashEntryName {
  /** When it was deleted by the clock of the computer that did it, in ms since the epoch. */
  readonly time: number;
  /** Beginning of the old path, encoded. */
  readonly start: string;
  /** So many folders within go on with it. */
  readonly further: number;
}

/** Some file systems hold names of 143 bytes only. */
const chunkLength = 96;
const namePattern = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-[0-9a-f]{16}-(\d{1,3})(%2F[A-Za-z0-9%._-]*)$/;
const furtherPattern = /^=([A-Za-z0-9%._-]+)$/;

/** New names, one within the other, for an entry that is to hold what was at `path`. */
export function trashEntryNames(path: string, now: number): readonly [string, ...string[]] {
  const time = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '');
  const random = globalThis.crypto.getRandomValues(new Uint8Array(8));
  const hex = Array.from(random, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const [start = '', ...further] = encode(path).match(new RegExp(`.{1,${chunkLength}}`, 'g')) ?? [];
  return [`${time}-${hex}-${further.length}${start}`, ...further.map((chunk) => `=${chunk}`)];
}

/** Undefined for a name that this trash does not give. */
export function readTrashEntryName(name: string): TrashEntryName | undefined {
  const match = namePattern.exec(name);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, further, start = ''] = match;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  // A date like February 30 is none of ours, whatever a parser makes of it.
  if (Number.isNaN(time) || !name.startsWith(new Date(time).toISOString().replace(/[-:]|\.\d+/g, ''))) return undefined;
  return { time, start, further: Number(further) };
}

/** The part of the path in the name of a folder within an entry; undefined for any other name. */
export function readFurtherName(name: string): string | undefined {
  return furtherPattern.exec(name)?.[1];
}

/** The path that was encoded; undefined for what is no path of a file or folder. */
export function readTrashedPath(encoded: string): string | undefined {
  const path = decode(encoded);
  if (path === undefined || path.includes('\0') || /[\r\n]/.test(path)) return undefined;
  return normalize(path) === path && isSafeName(basename(path)) ? path : undefined;
}

function encode(path: string): string {
  const bytes = new TextEncoder().encode(path);
  return Array.from(bytes, (byte) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9._-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}

function decode(encoded: string): string | undefined {
  if (/%(?![0-9A-F]{2})/.test(encoded)) return undefined;
  const bytes = (encoded.match(/%..|[^%]/g) ?? []).map((part) =>
    part.length === 3 ? Number.parseInt(part.slice(1), 16) : part.charCodeAt(0),
  );
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
  } catch {
    return undefined;
  }
}
