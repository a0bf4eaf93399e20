import { createHash } from 'node:crypto';
import { readFile, rename, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Version } from '../core/operations/version.ts';
import { normalize } from '../core/path.ts';
import { digest, filesIn, type StoredFile, writePrivately } from './contentFolder.ts';
import type { JournalPlace } from './journal.ts';
import { isRunning } from './processes.ts';

/** What was saved, and has to be looked at once more. */
export interface SavedFile {
  /** The file on the server. */
  readonly path: string;
  readonly version: Version;
  /** When it was saved, in ms since the epoch. */
  readonly time: number;
  /** Undefined where contents are not kept on this computer, or it is too large for that. */
  readonly content: Uint8Array | undefined;
}

/** On this computer's disk: the looks that windows owe to what they saved, so that none is forgotten with its window. One file each, readable by this user only. */
export interface OwedLooks {
  /** In the place of an earlier one of this window for the same file. */
  owe(place: JournalPlace, saved: SavedFile): Promise<void>;
  /** This window owes nothing for the file any more. */
  settle(place: JournalPlace, path: string): Promise<void>;
  /** This window can not do it: any window may. */
  leave(place: JournalPlace, path: string): Promise<void>;
  /** What nobody who lives is about to do on that server; it is this window's from now on. `others`: a living window owes more. */
  take(place: JournalPlace): Promise<{ readonly taken: readonly SavedFile[]; readonly others: boolean }>;
}

const pattern = /^([0-9a-f]{32})\.(\d+)$/;
/** In the place of a process. */
const nobody = 0;

export function createOwedLooks(root: string, self = process.pid): OwedLooks {
  const folder = ({ protocol, user, address, port }: JournalPlace) => join(root, digest(protocol, user ?? '', address.toLowerCase(), port));
  const file = (place: JournalPlace, path: string, process: number) => join(folder(place), `${digest(path)}.${process}`);
  // In the order of the calls: a note is never written after it was settled.
  let last: Promise<unknown> = Promise.resolve();
  const inOrder = <T>(task: () => Promise<T>): Promise<T> => {
    const next = last.then(task);
    last = next.catch(() => undefined);
    return next;
  };
  const isFree = ({ name, mtime }: StoredFile) => {
    const process = Number(pattern.exec(name)?.[2]);
    return process === nobody || (process !== self && !isRunning(process, mtime));
  };
  const takeOne = async (place: JournalPlace, { name, path: from }: StoredFile): Promise<SavedFile | undefined> => {
    const [id = ''] = name.split('.');
    const own = join(folder(place), `${id}.${self}`);
    try {
      // Another window may be quicker; and its time tells in which run of the machine this process is meant.
      await rename(from, own);
      await utimes(own, new Date(), new Date());
    } catch {
      return undefined;
    }
    const saved = parse(await readFile(own));
    if (saved !== undefined && digest(saved.path) === id) return saved;
    await rm(own, { force: true });
    return undefined;
  };

  return {
    owe: (place, saved) => inOrder(() => writePrivately(folder(place), `${digest(saved.path)}.${self}`, format(saved))),
    settle: (place, path) => inOrder(() => rm(file(place, path, self), { force: true })),
    leave: (place, path) => inOrder(() => rename(file(place, path, self), file(place, path, nobody))),
    take: (place) =>
      inOrder(async () => {
        const notes = (await filesIn(folder(place))).filter(({ name }) => pattern.test(name) && !name.endsWith(`.${self}`));
        const taken: SavedFile[] = [];
        for (const note of notes.filter(isFree)) {
          const saved = await takeOne(place, note);
          if (saved !== undefined) taken.push(saved);
        }
        return { taken, others: notes.some((note) => !isFree(note)) };
      }),
  };
}

/** A line of JSON, then the content. */
function format({ path, version, time, content }: SavedFile): Uint8Array {
  const head = { path, ...version, time, content: content && sha256(content) };
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), content ?? Buffer.alloc(0)]);
}

/** Undefined for what was torn by a crash or tampered with. */
function parse(bytes: Buffer): SavedFile | undefined {
  const end = bytes.indexOf('\n');
  try {
    const { path, size, mtime, hash, time, content } = JSON.parse(bytes.toString('utf8', 0, end)) as Record<string, unknown>;
    if (typeof path !== 'string' || normalize(path) !== path || typeof size !== 'number' || typeof time !== 'number') return undefined;
    const version = {
      size,
      mtime: typeof mtime === 'number' ? mtime : undefined,
      hash: typeof hash === 'string' ? hash : undefined,
    };
    const rest = bytes.subarray(end + 1);
    return { path, version, time, content: content === sha256(rest) ? rest : undefined };
  } catch {
    return undefined;
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
