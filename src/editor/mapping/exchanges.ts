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
  agree(key: string, version: Version): void;
  forget(key: string): void;
  move(from: string, to: string): void;
  /** Resolves when everything is on disk. */
  settled(): Promise<void>;
}

const name = 'exchanges.json';
const limit = 50_000;
/** In ms: a burst of uploads is one write. */
const pause = 500;

/** `folder`: of this workspace, the extension's own; undefined: nothing is kept over a reload. */
export function createExchanges(folder: string | undefined, onProblem: (error: unknown) => void): Exchanges {
  const bases = new Bases(limit);
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  const load = async () => {
    if (folder === undefined) return;
    const text = await readFile(join(folder, name), 'utf8').catch(() => '[]');
    for (const [key, version] of parse(text)) if (bases.get(key) === undefined) bases.set(key, version);
  };
  const ready = load().catch(onProblem);
  const write = () => {
    clearTimeout(timer);
    timer = undefined;
    if (folder === undefined) return writing;
    writing = writing
      .then(async () => ready)
      .then(async () => writePrivately(folder, name, JSON.stringify(bases.within('/'))))
      .catch(onProblem);
    return writing;
  };
  const soon = () => (timer ??= setTimeout(() => void write(), pause));

  return {
    bases,
    ready,
    agree(key, version) {
      bases.set(key, version);
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

/** What is torn is as good as nothing: then the server's files are looked at. */
function parse(text: string): [string, Version][] {
  try {
    const list = JSON.parse(text) as unknown;
    return Array.isArray(list) ? list.filter(isEntry) : [];
  } catch {
    return [];
  }
}

function isEntry(entry: unknown): entry is [string, Version] {
  if (!Array.isArray(entry) || typeof entry[0] !== 'string') return false;
  const version = entry[1] as Partial<Record<keyof Version, unknown>> | null;
  return typeof version === 'object' && version !== null && typeof version.size === 'number';
}
