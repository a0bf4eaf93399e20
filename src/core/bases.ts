import type { Version } from './operations/version.ts';
import { contains } from './path.ts';

/** How many files are remembered before the longest unused are forgotten. */
const limit = 2000;

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
  readonly #expected = new Map<string, Version>();

  get(key: string): Version | undefined {
    return this.#bases.get(key);
  }

  /** The version that a save may replace. */
  expected(key: string): Version | undefined {
    return this.#expected.get(key) ?? this.#bases.get(key);
  }

  /** A save may replace this version, until the file is read or saved; undefined: its base only. */
  expect(key: string, version: Version | undefined): void {
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
    if (this.#bases.size > limit && oldest !== undefined) this.#bases.delete(oldest);
  }

  /** Of the file or folder and all below it. */
  forget(key: string): void {
    for (const map of [this.#bases, this.#waiting, this.#expected])
      for (const known of [...map.keys()]) if (contains(key, known)) map.delete(known);
  }

  move(from: string, to: string): void {
    const below = (map: ReadonlyMap<string, Version>) => [...map].filter(([key]) => contains(from, key));
    const moved = [
      [this.#bases, below(this.#bases)],
      [this.#expected, below(this.#expected)],
    ] as const;
    this.forget(from);
    this.forget(to);
    for (const [map, entries] of moved) for (const [key, version] of entries) map.set(to + key.slice(from.length), version);
  }
}

function sameVersion(one: Version, other: Version): boolean {
  if (one.size !== other.size) return false;
  return one.hash === undefined || other.hash === undefined ? one.mtime === other.mtime : one.hash === other.hash;
}
