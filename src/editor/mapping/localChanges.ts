import { Disposable, RelativePattern, workspace } from 'vscode';
import type { FileSystemWatcher, Uri } from 'vscode';
import { chooseFiles, isLeftOut } from './chosenFiles.ts';
import type { MappedFile, Mappings } from './mappings.ts';

export interface LocalChangesParts {
  readonly mappings: Mappings;
  upload(files: readonly MappedFile[]): void;
  /** On the server, what the mapping says. */
  remove(file: MappedFile): void;
  rename(from: MappedFile, to: MappedFile): void;
  /** Saved, and not uploaded: why. */
  left(file: MappedFile, reason: 'ignored' | 'off'): void;
  failed(error: unknown): void;
}

/** Files that a build writes come in bursts: they are uploaded once it has paused for so long, in ms. */
const pause = 400;
/** In ms; also where it never pauses. */
const longestWait = 3000;

/** Follows what happens to the files of mappings on this computer. */
export function followLocalChanges(parts: LocalChangesParts): Disposable {
  const { mappings } = parts;
  const found = (uri: Uri): MappedFile | undefined => {
    try {
      return mappings.find(uri);
    } catch (error) {
      parts.failed(error);
      return undefined;
    }
  };
  const uploadAll = async (uris: readonly Uri[]) => {
    const { files } = await chooseFiles(mappings, uris.filter(found));
    if (files.length > 0) parts.upload(files);
  };
  const unlessIgnored = async (file: MappedFile, act: () => void) => {
    if (!(await isLeftOut(mappings, file))) act();
  };
  const run = (work: Promise<void>) => void work.catch((error: unknown) => parts.failed(error));

  const saved = async (file: MappedFile) => {
    if (!file.mapping.uploadOnSave) parts.left(file, 'off');
    else if (await isLeftOut(mappings, file)) parts.left(file, 'ignored');
    else parts.upload([file]);
  };
  const watchers = watchGlobs(mappings, (uris) => run(uploadAll(uris)));
  const subscriptions = [
    watchers,
    workspace.onDidSaveTextDocument(({ uri }) => {
      const file = found(uri);
      if (file !== undefined) run(saved(file));
    }),
    workspace.onDidSaveNotebookDocument(({ uri }) => {
      const file = found(uri);
      if (file !== undefined) run(saved(file));
    }),
    workspace.onDidCreateFiles(({ files }) => run(uploadAll(files.filter((uri) => found(uri)?.mapping.uploadOnCreate)))),
    workspace.onDidDeleteFiles(({ files }) => {
      for (const file of files.flatMap((uri) => found(uri) ?? []))
        if (file.mapping.deleteOnDelete && file.relative !== '') run(unlessIgnored(file, () => parts.remove(file)));
    }),
    workspace.onDidRenameFiles(({ files }) => {
      for (const { oldUri, newUri } of files) {
        const [from, to] = [found(oldUri), found(newUri)];
        const follows = from !== undefined && to !== undefined && from.mapping === to.mapping && from.mapping.renameOnRename;
        if (follows) run(unlessIgnored(from, () => parts.rename(from, to)));
        else if (to?.mapping.uploadOnCreate === true) run(uploadAll([newUri]));
      }
    }),
  ];
  return Disposable.from(...subscriptions);
}

/** What other programs write, by the globs of each mapping's `watch`. */
function watchGlobs(mappings: Mappings, changed: (uris: readonly Uri[]) => void): { dispose(): void } {
  let watchers: FileSystemWatcher[] = [];
  let timer: NodeJS.Timeout | undefined;
  const burst = new Map<string, Uri>();
  let began = 0;
  const note = (uri: Uri) => {
    if (burst.size === 0) began = performance.now();
    burst.set(uri.toString(), uri);
    clearTimeout(timer);
    timer = setTimeout(
      () => {
        const uris = [...burst.values()];
        burst.clear();
        changed(uris);
      },
      Math.min(pause, Math.max(0, began + longestWait - performance.now())),
    );
  };
  const stop = () => {
    for (const watcher of watchers) watcher.dispose();
    watchers = [];
  };
  const begin = () => {
    stop();
    for (const mapping of mappings.all) {
      for (const glob of mapping.watch) {
        const watcher = workspace.createFileSystemWatcher(new RelativePattern(mappings.folderOf(mapping), glob), false, false, true);
        watcher.onDidCreate(note);
        watcher.onDidChange(note);
        watchers.push(watcher);
      }
    }
  };
  begin();
  const subscription = mappings.onDidChange(begin);
  return {
    dispose() {
      clearTimeout(timer);
      subscription.dispose();
      stop();
    },
  };
}
