import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Disposable } from '../../core/events.ts';
import { Bases } from '../../core/bases.ts';
import type { Version } from '../../core/operations/version.ts';
import { writePrivately } from '../contentFolder.ts';

/** The version of each file of a mapping that this computer and its server last agreed on. Kept on disk: what changed since is a conflict. */
export interface Exchanges extends Disposable {
  readonly bases: Bases;
  /** Resolves when what was kept by earlier windows is there. */
  readonly ready: Promise<void>;
  /** `localTime`: of the file of this computer that is the same now, in ms since the epoch. */
  agree(key: string, version: Version, localTime?: number): void;
  /** The time that the file of this computer had when it was agreed on; undefined where that is not known. */
  localTime(key: string): number | undefined;
  forget(key: string): void;
  move(from: string, to: string): void;
  /** Resolves when everything is on disk. */
  settled(): Promise<void>;
}

const name = 'exchanges.json';
const limit = 50_000;
/** In ms: a burst of uploads is one write; and so many more files are one ms more. */
const pause = 500;
const filesPerMs = 20;

/** `folder`: of this workspace, the extension's own; undefined: nothing is kept over a reload. */
export function createExchanges(folder: string | undefined, onProblem: (error: unknown) => void): Exchanges {
  const bases = new Bases(limit);
  const localTimes = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  const load = async () => {
    if (folder === undefined) return;
    const text = await readFile(join(folder, name), 'utf8').catch(() => '[]');
    for (const [key, version, localTime] of parse(text)) {
      if (bases.get(key) !== undefined) continue;
      bases.set(key, version);
      if (typeof localTime === 'number') localTimes.set(key, localTime);
    }
  };
  const ready = load().catch(onProblem);
  const write = () => {
    clearTimeout(timer);
    timer = undefined;
    if (folder === undefined) return writing;
    writing = writing
      .then(async () => ready)
      .then(async () =>
        writePrivately(folder, name, JSON.stringify(bases.within('/').map(([key, version]) => [key, version, localTimes.get(key)]))),
      )
      .catch(onProblem);
    return writing;
  };
  const soon = () => (timer ??= setTimeout(() => void write(), pause + bases.size / filesPerMs));

  return {
    bases,
    ready,
    localTime: (key) => localTimes.get(key),
    agree(key, version, localTime) {
      bases.set(key, version);
      if (localTime === undefined) localTimes.delete(key);
      else localTimes.set(key, localTime);
      soon();
    },
    forget(key) {
      bases.forget(key);
      soon();
    },
    move(from, to) {
      bases.move(from, to);
      soon();
    },
    settled: () => (timer === undefined ? writing : write()),
    dispose: () => void (timer === undefined ? undefined : write()),
  };
}

type Entry = readonly [key: string, version: Version, localTime?: number | null];

/** What is torn is as good as nothing: then the server's files are looked at. */
function parse(text: string): Entry[] {
  try {
    const list = JSON.parse(text) as unknown;
    return Array.isArray(list) ? list.filter(isEntry) : [];
  } catch {
    return [];
  }
}

function isEntry(entry: unknown): entry is Entry {
  if (!Array.isArray(entry) || typeof entry[0] !== 'string') return false;
  if (entry[2] !== undefined && entry[2] !== null && typeof entry[2] !== 'number') return false;
  const version = entry[1] as Partial<Record<keyof Version, unknown>> | null;
  return typeof version === 'object' && version !== null && typeof version.size === 'number';
}
