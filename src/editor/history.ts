import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HeldContents, heldLimit } from '../core/heldContents.ts';
import { hashOf, type Version } from '../core/operations/version.ts';
import { type ContentFolder, createContentFolder } from './contentFolder.ts';
import { createHistoryEntries, type HistoryEntries, type HistoryPlace, type KeptBecause, type KeptVersion } from './historyEntries.ts';
import type { JournalPlace } from './journal.ts';
import { createUnsavedBases } from './unsavedBases.ts';

/** A file on a server, as contents are kept of it. */
export interface HistoryFile extends HistoryPlace {
  /** As in `Location`. */
  readonly key: string;
}

/**
 * The contents that this window read and saved (in memory), those that unsaved documents are based on, and earlier versions of files (on
 * this computer's disk). Nothing in it is ever fetched from a server. A disk that fails costs a version, never a save: such failures are
 * only logged.
 */
export interface History {
  /** The bytes whose SHA-256 (lower-case hex) is `hash`, if they are kept anywhere here; verified where they come from disk. */
  content(hash: string): Promise<Uint8Array | undefined>;
  /** Remembers what was just read or saved; `bytes` must not be changed any more. Above 5 MB nothing is remembered. */
  hold(key: string, version: Version, bytes: Uint8Array): void;
  /** What was held of that version of the file, hash or not. */
  held(key: string, version: Version): Uint8Array | undefined;
  /** A document with this base has unsaved changes: its base survives a reload of the window until `releaseBase`. */
  keepBase(hash: string): void;
  releaseBase(hash: string): void;
  /** `bytes` were the file's content until now. */
  add(file: HistoryFile, bytes: Uint8Array, because: KeptBecause): void;
  /** The file or folder was moved: its versions, and those of all below it, are the new path's. */
  move(from: HistoryPlace, to: HistoryPlace): void;
  /** Newest first. */
  versions(file: HistoryPlace): Promise<readonly KeptVersion[]>;
  /** The newest version of each file of a server. */
  latest(host: JournalPlace): Promise<readonly KeptVersion[]>;
  /** Forgets one version. */
  remove(version: KeptVersion): Promise<void>;
  /** Brings the disk in line with the size that is wanted now, and removes what is of no more use. */
  tidy(): void;
  /** Resolves when everything asked for so far is on disk. */
  settled(): Promise<void>;
}

export interface HistoryOptions {
  /** Local folder of the extension's own; made when needed. */
  readonly root: string;
  /** Most bytes of earlier versions; 0: none are kept. */
  limit(): number;
  /** A disk that fails. */
  onProblem(error: unknown): void;
}

/** This part of the limit may be written between two looks at all that is there. */
const slack = 0.05;
/** A content is left alone for so long after it was written, in ms: another window may be about to refer to it. */
const youth = 10_000;

export function createHistory(options: HistoryOptions): History {
  const { root } = options;
  const limit = () => options.limit();
  const onProblem = (error: unknown) => options.onProblem(error);
  const memory = new HeldContents();
  const bases = createUnsavedBases(join(root, 'bases'));
  const contents = createContentFolder(join(root, 'contents'));
  const entries = createHistoryEntries(join(root, 'index'));
  /** Written since the disk was last looked through. */
  let written = 0;

  // One change after another: a version that is just written can't be taken for unused.
  let last: Promise<void> = Promise.resolve();
  const enqueue = (task: () => Promise<void>) => {
    last = last.then(task).catch(onProblem);
  };
  const content = async (hash: string) => memory.content(hash) ?? (await bases.read(hash)) ?? (await contents.read(hash));
  const clear = async () => {
    await rm(join(root, 'index'), { recursive: true, force: true });
    await rm(join(root, 'contents'), { recursive: true, force: true });
  };
  const trimNow = async () => {
    written = 0;
    await (limit() > 0 ? trim(contents, entries, limit() * (1 - slack)) : clear());
  };

  const store = async ({ host, path }: HistoryFile, bytes: Uint8Array, because: KeptBecause) => {
    if (bytes.length > Math.min(heldLimit, limit())) return;
    const hash = await hashOf(bytes);
    await contents.write(hash, bytes);
    await entries.add(host, { path, time: Date.now(), size: bytes.length, hash, because });
    written += bytes.length + entrySize;
    if (written > limit() * slack) await trimNow();
  };

  return {
    content,
    hold: (key, version, bytes) => memory.hold(key, version, bytes),
    held: (key, version) => memory.find(key, version),
    keepBase: (hash) =>
      enqueue(async () => {
        const bytes = await content(hash);
        if (bytes !== undefined) await bases.keep(hash, bytes);
      }),
    releaseBase: (hash) => enqueue(() => bases.release(hash)),
    add: (file, bytes, because) => {
      if (limit() > 0) enqueue(() => store(file, bytes, because));
    },
    move: (from, to) => enqueue(() => entries.move(from, to)),
    versions: ({ host, path }) => entries.versions(host, path),
    latest: (host) => entries.latest(host),
    remove: ({ file }) => rm(file, { force: true }),
    tidy: () => {
      enqueue(() => bases.tidy());
      enqueue(trimNow);
    },
    settled: () => last,
  };
}

/** What an entry of the index takes on disk, in bytes, beside its content. */
const entrySize = 4096;

/** Removes the oldest versions until the rest fits, and contents that nobody refers to. */
async function trim(contents: ContentFolder, entries: HistoryEntries, limit: number): Promise<void> {
  const names = (await entries.names()).toSorted((one, other) => one.time - other.time);
  const files = new Map((await contents.files()).map((file) => [file.name, file]));
  const uses = new Map<string, number>();
  for (const { hash } of names) uses.set(hash, (uses.get(hash) ?? 0) + 1);
  let total = names.length * entrySize;
  for (const { name, size } of files.values()) if (uses.has(name)) total += size;
  for (const { file, hash } of names) {
    if (total <= limit) break;
    await rm(file, { force: true });
    total -= entrySize;
    const left = (uses.get(hash) ?? 1) - 1;
    uses.set(hash, left);
    const stored = files.get(hash);
    if (left > 0 || stored === undefined) continue;
    await removeUnlessYoung(stored.path);
    files.delete(hash);
    total -= stored.size;
  }
  for (const { name, path } of files.values()) if ((uses.get(name) ?? 0) === 0) await removeUnlessYoung(path);
}

async function removeUnlessYoung(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found !== undefined && found.mtimeMs < Date.now() - youth) await rm(file, { force: true });
}
