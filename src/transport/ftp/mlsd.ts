import type { Kind } from '../../core/remote.ts';
import { listed, type Decode, type ListedEntry, type ListingLine } from './listedEntry.ts';
import type { ServerTimes } from './serverTimes.ts';

/** Facts of RFC 3659 §7.5 by lower-case name. A Map: a fact may be called `__proto__`. */
type Facts = ReadonlyMap<string, string>;

/**
 * A line of MLSD, or the one of MLST without its leading blank. The name is what follows the first blank, exactly. The folder itself and
 * its parent (`cdir`, `pdir`) have the names that the server gives them. Undefined where the line is no such line.
 */
export function parseFactLine({ bytes, text }: ListingLine, decode: Decode, times?: ServerTimes): ListedEntry | undefined {
  const blank = endOfFacts(text);
  if (blank < 0) return undefined;
  const facts = factsOf(text.slice(0, blank));
  if (facts.size === 0) return undefined;
  const { kind, target } = typeOf(facts, bytes, decode);
  const told = timeOf(facts.get('modify'));
  return listed(decode(bytes.subarray(blank + 1)), {
    kind,
    ...sizeOf(facts, kind),
    mtime: told === undefined || times === undefined ? told : times.instant(told),
    mode: modeOf(facts.get('unix.mode')),
    owner: facts.get('unix.ownername') ?? facts.get('unix.owner') ?? facts.get('unix.uid'),
    group: facts.get('unix.groupname') ?? facts.get('unix.group') ?? facts.get('unix.gid'),
    links: countOf(facts.get('unix.nlink')),
    target,
    writable: writableOf(facts.get('perm'), kind),
  });
}

/** Whether the line stands for the listed folder or its parent: they are no entries of it. */
export function isFolderItself(text: string): boolean {
  return /(?:^|;)type=[cp]dir;/i.test(text.slice(0, Math.max(0, text.indexOf(' '))));
}

/** Index of the blank before the name. The target in `OS.unix=slink:my target` may hold blanks: there the facts end at `; `. */
function endOfFacts(text: string): number {
  const blank = text.indexOf(' ');
  if (blank < 1 || text[blank - 1] === ';') return blank;
  const facts = text.slice(0, blank);
  if (!/(?:^|;)type=os\.unix=slink:[^;]*$/i.test(facts)) return blank;
  const end = text.indexOf('; ', blank);
  return end < 0 ? blank : end + 1;
}

function factsOf(text: string): Facts {
  const facts = new Map<string, string>();
  for (const fact of text.split(';')) {
    const equals = fact.indexOf('=');
    if (equals > 0) facts.set(fact.slice(0, equals).toLowerCase(), fact.slice(equals + 1));
  }
  return facts;
}

const link = /^os\.unix=(?:slink|symlink)(?::|$)/i;

function typeOf(facts: Facts, bytes: Uint8Array, decode: Decode): { kind: Kind; target: string | undefined } {
  const type = facts.get('type');
  if (type === undefined) return { kind: facts.has('sizd') ? 'directory' : facts.has('size') ? 'file' : 'other', target: undefined };
  const found = link.exec(type);
  if (found) {
    const target = type.slice(found[0].length);
    return { kind: 'symlink', target: target === '' ? undefined : decodeText(target, bytes, decode) };
  }
  const name = type.toLowerCase();
  if (name === 'file') return { kind: 'file', target: undefined };
  if (name === 'dir' || name === 'cdir' || name === 'pdir') return { kind: 'directory', target: undefined };
  return { kind: 'other', target: undefined };
}

function decodeText(text: string, bytes: Uint8Array, decode: Decode): string {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(text, 0, 'latin1');
  return decode(bytes.subarray(start, start + text.length));
}

function sizeOf(facts: Facts, kind: Kind): { size?: number } {
  const size = kind === 'file' ? countOf(facts.get('size')) : undefined;
  return size === undefined ? {} : { size };
}

function countOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,16}$/.test(text)) return undefined;
  const count = Number(text);
  return Number.isSafeInteger(count) ? count : undefined;
}

const timeFact = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{1,9}))?$/;

/** RFC 3659 §2.3: `YYYYMMDDHHMMSS[.sss]`, always UTC; milliseconds since the epoch, undefined for anything else. Also the form of MDTM. */
function timeOf(text: string | undefined): number | undefined {
  const found = text === undefined ? null : timeFact.exec(text);
  if (!found) return undefined;
  const [year, month, day] = [Number(found[1]), Number(found[2]), Number(found[3])];
  const [hour, minute, second] = [Number(found[4]), Number(found[5]), Number(found[6])];
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) return undefined;
  const time = Date.UTC(year, month - 1, day, hour, minute, second);
  return found[7] === undefined ? time : time + Math.floor(Number(`0.${found[7]}`) * 1000);
}

function modeOf(text: string | undefined): number | undefined {
  // pyftpdlib writes Python's `0o644`.
  const digits = /^(?:0o)?([0-7]{1,7})$/.exec(text ?? '')?.[1];
  return digits === undefined ? undefined : parseInt(digits, 8) & 0o7777;
}

/** RFC 3659 §7.5.5: `w` lets a file be stored, `c` (or `m`) lets entries be made in a folder. */
function writableOf(perm: string | undefined, kind: Kind): boolean | undefined {
  if (perm === undefined) return undefined;
  if (kind === 'file') return /w/i.test(perm);
  return kind === 'directory' ? /[cm]/i.test(perm) : undefined;
}
