import { Disposable, workspace } from 'vscode';
import type { Uri } from 'vscode';
import { chooseFiles, isLeftOut } from './chosenFiles.ts';
import type { MappedFile, Mappings } from './mappings.ts';
import { watchFiles } from './watchedFiles.ts';

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
  const subscriptions = [
    watchFiles(mappings, (uris) => run(uploadAll(uris))),
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
