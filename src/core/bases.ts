import type { Version } from './operations/version.ts';
import { contains } from './path.ts';

const usualLimit = 2000;

/**
 * The version that each file's content in this window is based on: what was last read or saved. A save compares the server's file with
 * it. While a document shows a file, a *read* of another version does not become its base by itself, since the document still shows the
 * old one (somebody else may have read: a search, another extension); it waits until the document has taken it over.
 *
 * What VS Code was told of a file (`get`) and what its next save is to find on the server (`expected`) differ where a person has seen a
 * later version: merged it, or said that it may be overwritten.
 */
export class Bases {
  readonly #bases = new Map<string, Version>();
  readonly #waiting = new Map<string, Version>();
  readonly #expected = new Map<string, Version | 'missing'>();
  readonly #limit: number;

  /** `limit`: how many files are remembered before the longest unused are forgotten. */
  constructor(limit = usualLimit) {
    this.#limit = limit;
  }

  /** How many files have one. */
  get size(): number {
    return this.#bases.size;
  }

  get(key: string): Version | undefined {
    return this.#bases.get(key);
  }

  /** The version that a save may replace; `missing`: it may make the file anew; undefined: nothing is known. */
  expected(key: string): Version | 'missing' | undefined {
    return this.#expected.get(key) ?? this.#bases.get(key);
  }

  /** A save may replace this version, until the file is read or saved; undefined: its base only. */
  expect(key: string, version: Version | 'missing' | undefined): void {
    if (version === undefined) this.#expected.delete(key);
    else this.#expected.set(key, version);
  }

  /** Returns false if the version has to wait for the document that shows the file. */
  read(key: string, version: Version, shown: boolean): boolean {
    const base = this.#bases.get(key);
    if (shown && base && !sameVersion(base, version)) {
      this.#waiting.set(key, version);
      return false;
    }
    this.set(key, version);
    return true;
  }

  /** The document took over what was read last. */
  adopt(key: string): void {
    const version = this.#waiting.get(key);
    if (version) this.set(key, version);
  }

  set(key: string, version: Version): void {
    this.#waiting.delete(key);
    this.#expected.delete(key);
    this.#bases.delete(key);
    this.#bases.set(key, version);
    const [oldest] = this.#bases.keys();
    if (this.#bases.size > this.#limit && oldest !== undefined) this.#bases.delete(oldest);
  }

  /** Of the file or of all files below the folder. */
  within(key: string): readonly (readonly [file: string, version: Version])[] {
    return [...this.#bases].filter(([file]) => contains(key, file));
  }

  /** Of the file or folder and all below it. */
  forget(key: string): void {
    for (const map of [this.#bases, this.#waiting, this.#expected])
      for (const known of [...map.keys()]) if (contains(key, known)) map.delete(known);
  }

  move(from: string, to: string): void {
    const below = <T>(map: ReadonlyMap<string, T>) => [...map].filter(([key]) => contains(from, key));
    const [moved, expected] = [below(this.#bases), below(this.#expected)];
    this.forget(from);
    this.forget(to);
    for (const [key, version] of moved) this.#bases.set(to + key.slice(from.length), version);
    for (const [key, version] of expected) this.#expected.set(to + key.slice(from.length), version);
  }
}

function sameVersion(one: Version, other: Version): boolean {
  if (one.size !== other.size) return false;
  return one.hash === undefined || other.hash === undefined ? one.mtime === other.mtime : one.hash === other.hash;
}
