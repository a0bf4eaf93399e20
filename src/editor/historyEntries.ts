import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { contains, normalize } from '../core/path.ts';
import { digest, isHash, namesIn, writePrivately } from './contentFolder.ts';
import type { JournalPlace } from './journal.ts';

/** Why a content is kept: a save replaced it, or its file was deleted. */
export type KeptBecause = 'saved' | 'deleted';

/** One earlier content of a file. */
export interface KeptVersion {
  /** The file on the server. */
  readonly path: string;
  /** When it was replaced, in ms since the epoch. */
  readonly time: number;
  readonly size: number;
  /** SHA-256 of the content, lower-case hex. */
  readonly hash: string;
  readonly because: KeptBecause;
  /** The entry on this computer. */
  readonly file: string;
}

/** What tidying has to know of an entry; nothing but names is read for it. */
export interface EntryName {
  readonly file: string;
  readonly time: number;
  readonly hash: string;
}

/** The index of the local history: one file an entry, in a folder for each file and server. */
export interface HistoryEntries {
  add(place: JournalPlace, version: Omit<KeptVersion, 'file'>): Promise<void>;
  /** Of one file, newest first. */
  versions(place: JournalPlace, path: string): Promise<readonly KeptVersion[]>;
  /** The newest version of each file of a server, newest first. */
  latest(place: JournalPlace): Promise<readonly KeptVersion[]>;
  names(): Promise<readonly EntryName[]>;
  /** The file or folder at `from` is at `to` now, and so are its versions and those of all below it. */
  move(from: HistoryPlace, to: HistoryPlace): Promise<void>;
}

/** A path on a server. */
export interface HistoryPlace {
  readonly host: JournalPlace;
  readonly path: string;
}

/** More are not kept of one file; the oldest go. */
const versionLimit = 50;

const becauses: readonly KeptBecause[] = ['saved', 'deleted'];
const namePattern = /^([0-9a-z]{6,11})-[0-9a-f]{8}-([0-9a-f]{64})\.json$/;

export function createHistoryEntries(root: string): HistoryEntries {
  const ofPlace = ({ protocol, user, address, port }: JournalPlace) =>
    join(root, digest(protocol, user ?? '', address.toLowerCase(), port));
  const ofFile = (place: JournalPlace, path: string) => join(ofPlace(place), digest(path));

  const add: HistoryEntries['add'] = async (place, { path, time, size, hash, because }) => {
    const folder = ofFile(place, path);
    const [newest, ...older] = await entriesIn(folder);
    if (newest?.hash === hash && because !== 'deleted') return;
    const name = `${time.toString(36)}-${randomBytes(4).toString('hex')}-${hash}.json`;
    await writePrivately(folder, name, JSON.stringify({ path, time, size, because }));
    for (const { file } of older.slice(versionLimit - 2)) await rm(file, { force: true });
  };
  const versions: HistoryEntries['versions'] = async (place, path) => {
    const found: KeptVersion[] = [];
    for (const entry of await entriesIn(ofFile(place, path))) {
      const version = await readEntry(entry);
      if (version?.path === path) found.push(version);
    }
    return found;
  };
  const latest: HistoryEntries['latest'] = async (place) => {
    const found: KeptVersion[] = [];
    for (const folder of await namesIn(ofPlace(place))) {
      const version = await firstReadable(await entriesIn(join(ofPlace(place), folder)));
      if (version !== undefined) found.push(version);
    }
    return found.toSorted((one, other) => other.time - one.time);
  };

  return {
    add,
    versions,
    latest,
    async move(from, to) {
      // What has versions itself is a file; only else is all that is known of the server looked through.
      const isFile = (await entriesIn(ofFile(from.host, from.path))).length > 0;
      const below = isFile ? [from] : (await latest(from.host)).filter((version) => contains(from.path, version.path));
      for (const { path } of below)
        for (const version of (await versions(from.host, path)).toReversed()) {
          await add(to.host, { ...version, path: to.path + path.slice(from.path.length) });
          await rm(version.file, { force: true });
        }
    },
    async names() {
      const all: EntryName[] = [];
      for (const place of await namesIn(root))
        for (const file of await namesIn(join(root, place))) all.push(...(await entriesIn(join(root, place, file))));
      return all;
    },
  };
}

/** Newest first. */
async function entriesIn(folder: string): Promise<EntryName[]> {
  const entries: EntryName[] = [];
  for (const name of await namesIn(folder)) {
    const [, time = '', hash = ''] = namePattern.exec(name) ?? [];
    if (isHash(hash)) entries.push({ file: join(folder, name), time: Number.parseInt(time, 36), hash });
  }
  return entries.toSorted((one, other) => other.time - one.time);
}

async function firstReadable(entries: readonly EntryName[]): Promise<KeptVersion | undefined> {
  for (const entry of entries) {
    const version = await readEntry(entry);
    if (version !== undefined) return version;
  }
  return undefined;
}

/** Undefined for what is gone meanwhile, torn or was tampered with. */
async function readEntry({ file, time, hash }: EntryName): Promise<KeptVersion | undefined> {
  try {
    const value = JSON.parse(await readFile(file, 'utf8')) as Partial<Record<keyof KeptVersion, unknown>> | null;
    const because = becauses.find((known) => known === value?.because);
    if (typeof value?.path !== 'string' || typeof value.size !== 'number' || because === undefined) return undefined;
    return normalize(value.path) === value.path ? { path: value.path, time, size: value.size, hash, because, file } : undefined;
  } catch {
    return undefined;
  }
}
