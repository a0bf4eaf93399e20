import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/*
 * Small things that several windows write into folders of the extension's own: each a file of its own that is there in full or not at all,
 * readable by this user only. Nothing is ever locked.
 */

/** A name for what these parts identify. */
export function digest(...parts: readonly (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

export async function writePrivately(folder: string, name: string, content: Uint8Array | string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const draft = join(folder, `${randomBytes(8).toString('hex')}.part`);
  try {
    await writeFile(draft, content, { mode: 0o600, flag: 'wx' });
    await rename(draft, join(folder, name));
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** The names in a folder; none where it is missing. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}

export interface StoredFile {
  readonly name: string;
  readonly path: string;
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly mtime: number;
}

/** What vanishes meanwhile is left out. */
export async function filesIn(folder: string): Promise<StoredFile[]> {
  const files: StoredFile[] = [];
  for (const name of await namesIn(folder)) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile() === true) files.push({ name, path, size: found.size, mtime: found.mtimeMs });
  }
  return files;
}

/** SHA-256 in lower-case hex; names of contents are nothing else. */
export function isHash(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

/** The bytes of a file if they are what `hash` says; undefined for one that is missing, torn or changed. */
export async function readVerified(file: string, hash: string): Promise<Uint8Array | undefined> {
  try {
    const bytes = await readFile(file);
    return createHash('sha256').update(bytes).digest('hex') === hash ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/** Contents named by their hash. */
export interface ContentFolder {
  read(hash: string): Promise<Uint8Array | undefined>;
  /** Makes it young where it is there already. */
  write(hash: string, bytes: Uint8Array): Promise<void>;
  files(): Promise<StoredFile[]>;
}

export function createContentFolder(root: string): ContentFolder {
  return {
    read: async (hash) => (isHash(hash) ? readVerified(join(root, hash), hash) : undefined),
    async write(hash, bytes) {
      const now = new Date();
      const there = await readVerified(join(root, hash), hash);
      if (there === undefined) return writePrivately(root, hash, bytes);
      // Another window may be about to remove it as unused.
      await utimes(join(root, hash), now, now).catch(() => writePrivately(root, hash, bytes));
    },
    files: () => filesIn(root),
  };
}
