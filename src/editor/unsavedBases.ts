import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { filesIn, isHash, readVerified, type StoredFile, writePrivately } from './contentFolder.ts';
import { isRunning } from './processes.ts';

/** The base of an unsaved document is forgotten after so long, in ms: VS Code's own copy of the document may lie around as long. */
const longest = 30 * 24 * 3600_000;
/** All together, in bytes; the oldest go first. */
const totalLimit = 100 * 1024 * 1024;

/**
 * On this computer's disk: the contents that documents with unsaved changes are based on, for as long as they have them, also over a
 * reload of the window. One file for each content and window.
 */
export interface UnsavedBases {
  keep(hash: string, bytes: Uint8Array): Promise<void>;
  /** This window's, and those of windows that have ended. */
  release(hash: string): Promise<void>;
  read(hash: string): Promise<Uint8Array | undefined>;
  /** Removes what is too old or too much. */
  tidy(): Promise<void>;
}

export function createUnsavedBases(root: string): UnsavedBases {
  const own = (hash: string) => `${hash}.${process.pid}`;
  const of = async (hash: string) => (await filesIn(root)).filter(({ name }) => name.startsWith(`${hash}.`));
  return {
    keep: (hash, bytes) => writePrivately(root, own(hash), bytes),
    async release(hash) {
      for (const file of await of(hash)) if (file.name === own(hash) || isAbandoned(file)) await rm(file.path, { force: true });
    },
    async read(hash) {
      if (!isHash(hash)) return undefined;
      for (const { name } of await of(hash)) {
        const bytes = await readVerified(join(root, name), hash);
        if (bytes !== undefined) return bytes;
      }
      return undefined;
    },
    async tidy() {
      let total = 0;
      for (const { path, size, mtime } of (await filesIn(root)).toSorted((one, other) => other.mtime - one.mtime)) {
        total += size;
        if (total > totalLimit || mtime < Date.now() - longest) await rm(path, { force: true });
      }
    },
  };
}

function isAbandoned({ name, mtime }: StoredFile): boolean {
  const [, process] = /\.(\d+)$/.exec(name) ?? [];
  return process === undefined || !isRunning(Number(process), mtime);
}
