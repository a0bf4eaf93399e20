import { type FSWatcher, watch } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Disposable } from '../../core/events.ts';
import { contains } from '../../core/path.ts';

/**
 * Folders that are made while the window is open. On Linux VS Code's watcher begins to watch such a folder only after it was told of it and
 * does not look what is in it by then: of a folder that was made in the moment after its parent, as builds do, it never tells anything.
 */
export interface NewFolders extends Disposable {
  /** From now on tells of each file that is in `folder` or below it, comes or changes. Nothing happens where there is no folder. */
  follow(folder: string): void;
  /** Whether what changes in `folder` itself is told of here. */
  has(folder: string): boolean;
  /** Resolves when all that was to be followed until now is. */
  settled(): Promise<void>;
}

export interface NewFoldersParts {
  /** A file of this computer is there, or has changed. */
  readonly changed: (path: string) => void;
  /** Whether a folder is worth following. */
  readonly isWanted: (folder: string) => Promise<boolean>;
}

/** What is beyond is left to VS Code: each of them costs the system a watch. */
const most = 2000;

export function createNewFolders({ changed, isWanted }: NewFoldersParts): NewFolders {
  const watchers = new Map<string, FSWatcher>();
  const working = new Set<Promise<void>>();
  let isDisposed = false;

  const leave = (folder: string) => {
    for (const [path, watcher] of watchers) {
      if (!contains(folder, path)) continue;
      watcher.close();
      watchers.delete(path);
    }
  };
  const begin = (folder: string): boolean => {
    try {
      const watcher = watch(folder, { persistent: false }, (kind, name) => {
        if (name === null) return;
        if (kind === 'rename') run(look(folder, name));
        else if (!watchers.has(join(folder, name))) changed(join(folder, name));
      });
      watcher.on('error', () => leave(folder));
      watchers.set(folder, watcher);
      return true;
    } catch {
      // It is gone, or the system has no more watches.
      return false;
    }
  };
  /** Also one that is followed: another one may have taken its place. Watched first and then listed, so that nothing comes between. */
  const enter = async (folder: string): Promise<void> => {
    leave(folder);
    if (!(await isWanted(folder)) || isDisposed || watchers.has(folder) || watchers.size >= most || !begin(folder)) return;
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) if (entry.isFile()) changed(join(folder, entry.name));
    await Promise.all(entries.map(async (entry) => (entry.isDirectory() ? enter(join(folder, entry.name)) : undefined)));
  };
  /** Of a name that came or went. */
  const look = async (folder: string, name: string): Promise<void> => {
    const path = join(folder, name);
    const found = await lstat(path).catch(() => undefined);
    if (isDisposed) return;
    if (found === undefined) leave(path);
    else if (found.isDirectory()) await enter(path);
    else changed(path);
    // A folder's own end is told with its name.
    if (found === undefined && name === basename(folder) && (await lstat(folder).catch(() => undefined)) === undefined) leave(folder);
  };
  const run = (work: Promise<void>) => {
    // What could not be looked at is as good as gone.
    const settled = work.catch(() => undefined).finally(() => working.delete(settled));
    working.add(settled);
  };
  const follow = async (folder: string) => {
    const found = await lstat(folder).catch(() => undefined);
    if (found?.isDirectory() === true && !isDisposed) await enter(folder);
  };

  return {
    follow: (folder) => run(follow(folder)),
    has: (folder) => watchers.has(folder),
    async settled() {
      await Promise.all(working);
    },
    dispose() {
      isDisposed = true;
      leave('/');
    },
  };
}
