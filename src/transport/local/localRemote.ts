import type { BigIntStats } from 'node:fs';
import * as fs from 'node:fs/promises';
import { homedir } from 'node:os';
import { abortError, RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import { forEachBounded } from '../../core/operations/bounded.ts';
import { child, isSafeName } from '../../core/path.ts';
import type { Attributes, Call, Entry, Kind, Remote, RemoteFacts } from '../../core/remote.ts';
import { diskPath } from './diskPath.ts';
import { readLocal, resumeLocal, writeLocal } from './localContent.ts';
import { localError } from './localErrors.ts';

const atOnce = 8;

const facts: RemoteFacts = {
  atomicReplace: true,
  exclusiveCreate: true,
  update: true,
  mtimeResolution: 1,
  parallel: atOnce,
  caseSensitive: process.platform !== 'win32' && process.platform !== 'darwin',
  home: homedir()
    .replaceAll('\\', '/')
    .replace(/^(?!\/)/, '/'),
  description: 'this computer',
};

/**
 * The disk of this computer as a Remote, for what goes to servers and comes from them. It tells and takes no permissions: those of one
 * computer say nothing on another. There is no connection that could be lost.
 */
export function createLocalRemote(): Remote {
  const ended = Promise.withResolvers<RemoteError>();
  return {
    facts,
    closed: ended.promise,
    stat: (path, call) => at(path, call, async (disk) => attributesOf(await fs.stat(disk, { bigint: true }))),
    lstat: (path, call) => at(path, call, lstat),
    list: (path, call) => at(path, call, (disk) => list(path, disk)),
    read: (path, sink, options = {}) => at(path, options, (disk) => readLocal(disk, sink, options)),
    write: (path, content, options) => at(path, options, (disk) => writeLocal(disk, content, options)),
    resume: (path, offset, content, call = {}) => at(path, call, (disk) => resumeLocal(disk, offset, content, call)),
    mkdir: (path, call) => at(path, call, (disk) => fs.mkdir(disk).then(() => undefined)),
    unlink: (path, call) => at(path, call, unlink),
    rmdir: (path, call) => at(path, call, (disk) => fs.rmdir(disk)),
    rename: (from, to, options) => at(from, options, (disk) => rename(disk, to, options.replace)),
    setMtime: (path, mtime, call) => at(path, call, async (disk) => fs.utimes(disk, (await fs.stat(disk)).atime, new Date(mtime))),
    readLink: (path, call) => at(path, call, (disk) => fs.readlink(disk)),
    symlink: (target, link, call) => at(link, call, (disk) => fs.symlink(target, disk)),
    ping: (call) => at('/', call, () => Promise.resolve()),
    close() {
      ended.resolve(new RemoteError('Cancelled', t('The connection was ended.')));
      return Promise.resolve();
    },
  };
}

async function at<T>(path: string, call: Call | undefined, act: (disk: string) => Promise<T>): Promise<T> {
  try {
    stopIfAborted(call?.signal);
    return await act(diskPath(path));
  } catch (error) {
    throw localError(error, path);
  }
}

function stopIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw abortError(signal);
}

async function lstat(disk: string): Promise<Attributes> {
  const stats = await fs.lstat(disk, { bigint: true });
  return stats.isSymbolicLink() ? { ...attributesOf(stats), target: await fs.readlink(disk) } : attributesOf(stats);
}

async function list(path: string, disk: string): Promise<readonly Entry[]> {
  const names = (await fs.readdir(disk)).filter(isSafeName);
  const entries: Entry[] = [];
  await forEachBounded(names, atOnce, async (name) => {
    const attributes = await lstat(diskPath(child(path, name))).catch((error: unknown) => {
      // Gone since.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    });
    if (attributes !== undefined) entries.push({ name, ...attributes });
  });
  return entries;
}

async function unlink(disk: string): Promise<void> {
  if ((await fs.lstat(disk)).isDirectory()) throw new RemoteError('IsADirectory', t('This is a folder.'));
  await fs.unlink(disk);
}

async function rename(disk: string, to: string, replace: boolean): Promise<void> {
  const target = diskPath(to);
  const there = await fs.lstat(target).catch(() => undefined);
  // A disk that ignores case has one file under both names.
  const isOne = there !== undefined && disk.toLowerCase() === target.toLowerCase() && there.ino === (await fs.lstat(disk)).ino;
  if (there !== undefined && !isOne && (!replace || there.isDirectory()))
    throw new RemoteError('Exists', t('There is already a file or folder with this name.'), { path: to });
  await fs.rename(disk, target);
}

function attributesOf(stats: BigIntStats): Attributes {
  const kind = kindOf(stats);
  return {
    kind,
    size: kind === 'directory' ? 0 : Number(stats.size),
    mtime: Number(stats.mtimeMs),
    ...{ mode: undefined, owner: undefined, group: undefined, links: undefined, target: undefined, writable: undefined },
  };
}

function kindOf(stats: BigIntStats): Kind {
  if (stats.isSymbolicLink()) return 'symlink';
  if (stats.isDirectory()) return 'directory';
  return stats.isFile() ? 'file' : 'other';
}
