import { dirname } from 'node:path';
import { languages, RelativePattern, Uri, workspace } from 'vscode';
import type { FileSystemWatcher, TextDocument } from 'vscode';
import type { Disposable } from '../../core/events.ts';
import { contains } from '../../core/path.ts';
import { isLeftOut } from './chosenFiles.ts';
import type { Mappings } from './mappings.ts';
import { createNewFolders } from './newFolders.ts';

/** Files that a build writes come in bursts: they are told of once it has paused for so long, in ms. */
const pause = 400;
/** In ms; also where it never pauses. */
const longestWait = 3000;

/** Follows what other programs write, by the globs of each mapping's `watch`; tells of files and of folders that have come. */
export function watchFiles(mappings: Mappings, changed: (uris: readonly Uri[]) => void): Disposable {
  let watchers: FileSystemWatcher[] = [];
  let globs: readonly Glob[] = [];
  const burst = createBurst(async (uris) => {
    // What is in a folder that was just made is of the same burst.
    await folders.settled();
    const found = uris();
    if (found.length > 0) changed(found);
  });
  const folders = createNewFolders({
    changed: (path) => {
      const uri = Uri.file(path);
      if (globs.some(({ pattern }) => isMatch(pattern, uri))) burst.note(uri);
    },
    isWanted: async (path) => {
      const file = mappings.find(Uri.file(path));
      return file !== undefined && !(await isLeftOut(mappings, file, true));
    },
  });
  const note = (uri: Uri) => {
    // It is told of there, and once is enough.
    if (!folders.has(dirname(uri.path))) burst.note(uri);
  };
  const look = ({ path }: Uri) => {
    if (!folders.has(dirname(path)) && globs.some(({ root }) => contains(root, path) || contains(path, root))) folders.follow(path);
  };
  const watch = (pattern: RelativePattern, told: (uri: Uri) => void) => {
    const watcher = workspace.createFileSystemWatcher(pattern, false, false, true);
    watcher.onDidCreate(told);
    watcher.onDidChange(told);
    watchers.push(watcher);
  };
  const stop = () => {
    for (const watcher of watchers) watcher.dispose();
    watchers = [];
  };
  const begin = () => {
    stop();
    globs = mappings.all.flatMap((mapping) => mapping.watch.map((glob) => globIn(mappings.folderOf(mapping), glob)));
    for (const { pattern } of globs) watch(pattern, note);
    if (process.platform !== 'linux') return;
    // Folders, too, which a glob of files does not match.
    for (const mapping of mappings.all) if (mapping.watch.length > 0) watch(new RelativePattern(mappings.folderOf(mapping), '**'), look);
  };
  begin();
  const subscription = mappings.onDidChange(begin);
  return {
    dispose() {
      subscription.dispose();
      burst.dispose();
      folders.dispose();
      stop();
    },
  };
}

interface Glob {
  readonly pattern: RelativePattern;
  /** A path: all that matches is in it, or is it. */
  readonly root: string;
}

function globIn(folder: Uri, glob: string): Glob {
  const names = glob.split('/');
  const special = names.findIndex((name) => /[*?[\]{}\\]/.test(name));
  const root = Uri.joinPath(folder, ...(special < 0 ? names : names.slice(0, special)));
  return { pattern: new RelativePattern(folder, glob), root: root.path };
}

/** As VS Code's own watcher would. */
function isMatch(pattern: RelativePattern, uri: Uri): boolean {
  return languages.match({ pattern }, { uri, languageId: '' } as TextDocument) > 0;
}

/** `flush` is given what was noted until it asks. */
function createBurst(flush: (uris: () => readonly Uri[]) => Promise<void>): { note(uri: Uri): void } & Disposable {
  const burst = new Map<string, Uri>();
  let timer: NodeJS.Timeout | undefined;
  let began = 0;
  const take = () => {
    const uris = [...burst.values()];
    burst.clear();
    return uris;
  };
  return {
    note(uri) {
      if (burst.size === 0) began = performance.now();
      burst.set(uri.toString(), uri);
      clearTimeout(timer);
      // It never rejects.
      timer = setTimeout(() => void flush(take), Math.min(pause, Math.max(0, began + longestWait - performance.now())));
    },
    dispose() {
      clearTimeout(timer);
      burst.clear();
    },
  };
}
