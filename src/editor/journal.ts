import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '../core/host.ts';
import type { KeptContent, SaveJournal, Swap } from '../core/operations/save.ts';
import { digest, namesIn } from './contentFolder.ts';
import { isRunning } from './processes.ts';

/** Which server and login an entry is about; the host's name may change meanwhile. */
export type JournalPlace = Pick<Host, 'protocol' | 'user' | 'address' | 'port'>;

/** Contents that an interrupted save in place has left on this computer. */
export interface KeptCopy {
  /** The file on the server. */
  readonly path: string;
  /** Where the content that was there before is on the server, if it is not here. */
  readonly aside: string | undefined;
  /** Local folder that holds the files `new` and, unless `aside`, `old`. */
  readonly location: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  discard(): Promise<void>;
}

/** What saves note on this computer's disk so that a crash loses nothing and leaves nothing behind. One entry, one file: windows don't disturb each other. */
export interface Journal {
  forHost(place: JournalPlace): SaveJournal;
  /** Temporaries on the server that a crashed window left, or that were abandoned; none of a save that still runs. */
  temporaries(place: JournalPlace): Promise<readonly string[]>;
  /** What a crashed window moved out of the way of something new, or what was abandoned so. */
  asides(place: JournalPlace): Promise<readonly Swap[]>;
  /** Kept contents whose save ended with the window. */
  copies(place: JournalPlace): Promise<readonly KeptCopy[]>;
}

interface Note {
  readonly path: string;
  readonly aside?: string;
  readonly from?: string;
  /** The process that saves, and when it began: an entry of a living process is not a leftover. */
  readonly process: number;
  readonly time: number;
}

const note = 'note.json';

/** Undefined for what is gone meanwhile or was torn by the crash. */
async function readNote(file: string): Promise<Note | undefined> {
  try {
    const value = JSON.parse(await readFile(file, 'utf8')) as Partial<Note> | null;
    if (typeof value?.path !== 'string' || typeof value.process !== 'number' || typeof value.time !== 'number') return undefined;
    const { path, aside, from, process: id, time } = value;
    return { path, process: id, time, ...(typeof aside === 'string' && { aside }), ...(typeof from === 'string' && { from }) };
  } catch {
    return undefined;
  }
}

/* A save waits for these two: each step of theirs is a turn of the disk's. */

async function writeNote(folder: string, file: string, about: Note): Promise<void> {
  const write = () => writeFile(file, JSON.stringify(about), { mode: 0o600 });
  await write().catch(async (error: unknown) => {
    if (!isMissing(error)) throw error;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await write();
  });
}

async function removeNote(file: string): Promise<void> {
  await unlink(file).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

async function writeDurably(file: string, content: Uint8Array | string): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function keep(folder: string, { path, old, aside, new: content }: KeptContent): Promise<{ location: string; done(): Promise<void> }> {
  const location = join(folder, `${Date.now().toString(36)}-${randomBytes(8).toString('hex')}`);
  // Complete or not there: filled under another name first.
  const draft = `${location}.draft`;
  await mkdir(draft, { recursive: true, mode: 0o700 });
  if (old !== undefined) await writeDurably(join(draft, 'old'), old);
  await writeDurably(join(draft, 'new'), content);
  const about: Note = { path, process: process.pid, time: Date.now(), ...(aside !== undefined && { aside }) };
  await writeDurably(join(draft, note), JSON.stringify(about));
  await rename(draft, location);
  return { location, done: () => rm(location, { recursive: true, force: true }) };
}

/** `root` is a local folder of the extension's own; made when needed, readable by this user only. */
export function createJournal(root: string): Journal {
  const folder = (kind: 'temporaries' | 'asides' | 'copies', { protocol, user, address, port }: JournalPlace) =>
    join(root, kind, digest(protocol, user ?? '', address.toLowerCase(), port));
  const abandoned = new Set<string>();
  const keyOf = ({ protocol, user, address, port }: JournalPlace, path: string) =>
    digest(protocol, user ?? '', address.toLowerCase(), port, path);
  const isLeft = (place: JournalPlace, about: Note, path: string) =>
    abandoned.has(keyOf(place, path)) || !isRunning(about.process, about.time);
  return {
    forHost(place) {
      const temporaries = folder('temporaries', place);
      const asides = folder('asides', place);
      const file = (path: string, among = temporaries) => join(among, `${digest(path)}.json`);
      return {
        async addTemporary(path) {
          const about: Note = { path, process: process.pid, time: Date.now() };
          await writeNote(temporaries, file(path), about);
        },
        async removeTemporary(path) {
          await Promise.all([removeNote(file(path)), removeNote(file(path, asides))]);
          abandoned.delete(keyOf(place, path));
        },
        async addAside({ to, aside, from }) {
          const about: Note = { path: to, aside, process: process.pid, time: Date.now(), ...(from !== undefined && { from }) };
          await writeNote(asides, file(aside, asides), about);
        },
        abandon: (path) => void abandoned.add(keyOf(place, path)),
        keep: (entry) => keep(folder('copies', place), entry),
      };
    },

    async temporaries(place) {
      const at = folder('temporaries', place);
      const notes = await Promise.all((await namesIn(at)).map((name) => readNote(join(at, name))));
      return notes.flatMap((found) => (found !== undefined && isLeft(place, found, found.path) ? [found.path] : []));
    },

    async asides(place) {
      const at = folder('asides', place);
      const notes = await Promise.all((await namesIn(at)).map((name) => readNote(join(at, name))));
      return notes.flatMap((found) =>
        found?.aside !== undefined && isLeft(place, found, found.aside) ? [{ to: found.path, aside: found.aside, from: found.from }] : [],
      );
    },

    async copies(place) {
      const at = folder('copies', place);
      const found: KeptCopy[] = [];
      for (const name of await namesIn(at)) {
        const location = join(at, name);
        const about = await readNote(join(location, note));
        if (about === undefined || name.endsWith('.draft') || isRunning(about.process, about.time)) continue;
        const { path, aside, time } = about;
        found.push({ path, aside, time, location, discard: () => rm(location, { recursive: true, force: true }) });
      }
      return found;
    },
  };
}
