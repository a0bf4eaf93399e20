import { setImmediate } from 'node:timers/promises';
import { abortError } from '../../core/errors.ts';
import { ftpDefaults } from '../../core/hostDefaults.ts';
import { isSafeName } from '../../core/path.ts';
import { latin1Of, type Decode, type LineParser, type ListedAttributes, type ListedEntry, type ListingLine } from './listedEntry.ts';
import { parseIbmLine } from './ibmListing.ts';
import { parseDosLine } from './dosListing.ts';
import { parseEplfLine } from './eplfListing.ts';
import { LineSplitter, tooLarge, type CutLine } from './listingLines.ts';
import { isFolderItself, parseFactLine } from './mlsd.ts';
import { parseNetwareLine } from './netwareListing.ts';
import { serverTimes, withShownTime, type ServerTimes } from './serverTimes.ts';
import { parseUnixLine } from './unixListing.ts';
import { isVmsHeading, joinsVmsLine, parseVmsLine } from './vmsListing.ts';

export type { ListedAttributes, ListedEntry } from './listedEntry.ts';

export interface ListingOptions {
  readonly format: 'mlsd' | 'list';
  /** Names are bytes on the server; this is its charset. */
  readonly decode: Decode;
  /** Default: exact times are in UTC, and the zone of shown ones is not known. */
  readonly times?: ServerTimes | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Listing {
  /** In the server's order, without `.` and `..`; every name passed `isSafeName` and is there once. */
  readonly entries: ListedEntry[];
  /** Raw lines (at most 200 of them, 200 characters each) that are no entry in any known format or that carry an unsafe name: for the log. */
  readonly skipped: string[];
}

const maxEntries = 200_000;
const maxSkipped = 200;
/** No file system has longer names, nor paths. */
const maxNameBytes = 4096;
/** So long the event loop is held at a time. */
const sliceMilliseconds = 10;

/**
 * The entries of a folder from the bytes of a data connection. One malformed line never costs the others. Throws `Unsupported` beyond
 * 200,000 entries or 64 MB, the signal's error when aborted, and what `bytes` throws.
 */
export async function parseListing(bytes: Uint8Array | AsyncIterable<Uint8Array>, options: ListingOptions): Promise<Listing> {
  const splitter = new LineSplitter();
  const decode: Decode = (name) => (name.byteLength > maxNameBytes ? '' : options.decode(name));
  const times = options.times ?? serverTimes(ftpDefaults);
  const reader = options.format === 'mlsd' ? new FactReader(decode, times) : new ListReader(decode, times);
  let resumed = performance.now();
  const readAll = async (lines: Iterable<CutLine>): Promise<void> => {
    for (const line of lines) {
      reader.read(line);
      if (performance.now() - resumed < sliceMilliseconds) continue;
      await setImmediate();
      if (options.signal?.aborted) throw abortError(options.signal);
      resumed = performance.now();
    }
  };
  for await (const chunk of bytes instanceof Uint8Array ? [bytes] : bytes) {
    if (options.signal?.aborted) throw abortError(options.signal);
    await readAll(splitter.lines(chunk));
  }
  await readAll(splitter.rest());
  reader.end();
  return { entries: reader.entries, skipped: reader.skipped };
}

/**
 * What the one line of an MLST reply tells of its path (with or without the leading blank of RFC 3659 §7.2). Undefined where it is no
 * such line. `cdir` and `pdir` count as folders; the path in the line is not looked at.
 */
export function parseMlst(line: Uint8Array, decode: Decode, times?: ServerTimes): ListedAttributes | undefined {
  const bytes = line[0] === 32 ? line.subarray(1) : line;
  const text = latin1Of(bytes);
  return parseFactLine({ bytes, text }, decode, times);
}

abstract class Reader {
  readonly entries: ListedEntry[] = [];
  readonly skipped: string[] = [];
  protected readonly decode: Decode;
  protected readonly times: ServerTimes;
  readonly #places = new Map<string, number>();
  #count = 0;

  constructor(decode: Decode, times: ServerTimes) {
    this.decode = decode;
    this.times = times;
  }

  abstract read(line: CutLine): void;

  /** After the last line. */
  end(): void {}

  protected add(entry: ListedEntry, line: ListingLine): void {
    if (entry.name === '.' || entry.name === '..') return;
    if (!isSafeName(entry.name)) {
      this.skip(line);
      return;
    }
    if (++this.#count > maxEntries) throw tooLarge();
    const place = this.#places.get(entry.name);
    if (place !== undefined) {
      // What may be a link is one: as a folder, it would let a deletion reach what it leads to.
      if (entry.kind === 'symlink') this.entries[place] = entry;
      return;
    }
    this.#places.set(entry.name, this.entries.push(entry) - 1);
  }

  protected skip(line: ListingLine): void {
    if (this.skipped.length < maxSkipped) this.skipped.push(line.text.slice(0, 200));
  }
}

class FactReader extends Reader {
  override read(line: CutLine): void {
    if (line.text === '') return;
    const entry = line.cut ? undefined : parseFactLine(line, this.decode, this.times);
    if (!entry) this.skip(line);
    else if (!isFolderItself(line.text)) this.add(entry, line);
  }
}

/** Most specific first: a line that two formats could claim goes to the earlier one. */
const parsers: readonly LineParser[] = [parseUnixLine, parseDosLine, parseEplfLine, parseVmsLine, parseNetwareLine, parseIbmLine];

/** The format is found out line by line; the one that fitted the last line is tried first. */
class ListReader extends Reader {
  #winner: LineParser = parseUnixLine;
  #waiting: ListingLine | undefined;
  #lines = 0;

  override read(line: CutLine): void {
    if (line.text.trim() === '') return;
    this.#lines++;
    const whole = this.#joined(line);
    const entry = line.cut ? undefined : this.#parse(whole);
    if (entry) this.add(withShownTime(entry, whole.text, this.times), whole);
    else if (!line.cut && joinsVmsLine(whole.text)) this.#waiting = whole;
    else if (!this.#isHeading(line.text)) this.skip(whole);
  }

  override end(): void {
    if (this.#waiting) this.skip(this.#waiting);
  }

  /** VMS wraps the line of a long name. */
  #joined(line: ListingLine): ListingLine {
    const first = this.#waiting;
    this.#waiting = undefined;
    if (!first) return line;
    return { bytes: Buffer.concat([first.bytes, Buffer.from(' '), line.bytes]), text: `${first.text} ${line.text}` };
  }

  #parse(line: ListingLine): ListedEntry | undefined {
    const first = this.#winner(line, this.decode);
    if (first) return first;
    for (const parser of parsers) {
      const entry = parser === this.#winner ? undefined : parser(line, this.decode);
      if (!entry) continue;
      this.#winner = parser;
      return entry;
    }
    return undefined;
  }

  /** `total 12` in any language, and the headings and sums of VMS and MVS. */
  #isHeading(text: string): boolean {
    if (this.#lines === 1 && /^\S{2,24}\s{0,3}:?\s{0,3}\d{1,18}[.,]?\d{0,2}[KMGT]?\s{0,3}$/.test(text)) return true;
    return isVmsHeading(text) || /^\s{0,3}(?:Volume\s+Unit|Name\s+VV\.MM)\s/i.test(text);
  }
}
