import type { Clock } from './clock.ts';
import type { Description } from './operations/describeEntry.ts';
import { basename, contains, parent } from './path.ts';
import type { Entry } from './remote.ts';

/** What one call told of an entry answers further questions for so long, in ms: an editor asks several times around an open and a save. */
const moment = 2000;
/** What a listing told, in ms: a little longer than listed folders are left alone. */
const listingTime = 6000;
/** Entries of single calls that are remembered, the longest unused go first. */
const mostEntries = 2000;
/** Larger listings are not kept: 100,000 entries take tens of MB. */
const largestListing = 50_000;
const mostListings = 40;

interface Seen {
  readonly description: Description;
  readonly at: number;
}

interface SeenListing {
  readonly entries: readonly Entry[];
  /** Made when the first of them is asked for. */
  byName: Map<string, Entry> | undefined;
  readonly at: number;
  readonly cancel: () => void;
}

/**
 * What was lately seen of entries, for an editor that asks the same again and again. Keys are those of `Location`: one place, one key, with
 * the keys of what is below it beginning with its own. Never the base of a decision whether something may be overwritten.
 */
export class StatCache {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Seen>();
  readonly #listings = new Map<string, SeenListing>();
  #changes = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Grows with each `forget`: what was asked before one may be older than what was done, and is not to be kept. */
  get changes(): number {
    return this.#changes;
  }

  /** As it was a moment ago, or in a listing of the last few seconds. Links only with what they lead to. */
  recent(key: string): Description | undefined {
    const seen = this.#entries.get(key);
    if (seen !== undefined && this.#clock.now() - seen.at <= moment) return seen.description;
    const entry = this.#listed(key);
    // A file without a time is one of a list that tells less than a look at the file itself.
    if (entry === undefined || entry.kind === 'symlink' || (entry.kind === 'file' && entry.mtime === undefined)) return undefined;
    return { entry, target: entry };
  }

  /** As a single call told last, however long ago; of its kind a listing may know. */
  last(key: string): Description | undefined {
    const seen = this.#entries.get(key)?.description;
    const entry = seen === undefined ? this.#listed(key) : undefined;
    return entry === undefined ? seen : { entry, target: entry.kind === 'symlink' ? undefined : entry };
  }

  /** `asOf`: `changes` when it was asked for. */
  keep(key: string, description: Description, asOf: number): void {
    if (asOf !== this.#changes) return;
    this.#entries.delete(key);
    this.#entries.set(key, { description, at: this.#clock.now() });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > mostEntries && oldest !== undefined) this.#entries.delete(oldest);
  }

  keepListing(key: string, entries: readonly Entry[], asOf: number): void {
    if (asOf !== this.#changes) return;
    this.#forgetListing(key);
    if (entries.length > largestListing) return;
    const cancel = this.#clock.after(listingTime, () => this.#listings.delete(key));
    this.#listings.set(key, { entries, byName: undefined, at: this.#clock.now(), cancel });
    const [oldest] = this.#listings.keys();
    if (this.#listings.size > mostListings && oldest !== undefined) this.#forgetListing(oldest);
  }

  /** Something changed there; `isBelow`: or anywhere below. */
  forget(key: string, { isBelow }: { readonly isBelow: boolean }): void {
    this.#changes += 1;
    const isOutdated = (known: string) => (isBelow ? contains(key, known) : known === key);
    for (const known of [...this.#entries.keys()]) if (isOutdated(known)) this.#entries.delete(known);
    for (const known of [...this.#listings.keys()]) if (isOutdated(known)) this.#forgetListing(known);
    this.#byName(parent(key))?.delete(basename(key));
  }

  dispose(): void {
    for (const key of [...this.#listings.keys()]) this.#forgetListing(key);
    this.#entries.clear();
  }

  #listed(key: string): Entry | undefined {
    return this.#byName(parent(key))?.get(basename(key));
  }

  #byName(folder: string): Map<string, Entry> | undefined {
    const listing = this.#listings.get(folder);
    if (listing === undefined || this.#clock.now() - listing.at > listingTime) return undefined;
    listing.byName ??= new Map(listing.entries.map((entry) => [entry.name, entry]));
    return listing.byName;
  }

  #forgetListing(key: string): void {
    this.#listings.get(key)?.cancel();
    this.#listings.delete(key);
  }
}
