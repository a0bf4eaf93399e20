import { existsSync } from 'node:fs';
import { TabInputCustom, TabInputNotebook, TabInputNotebookDiff, TabInputText, TabInputTextDiff, Uri, window } from 'vscode';
import { toRemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import { basename, contains } from '../../core/path.ts';
import { safeText } from '../../core/text.ts';
import { answered, askChoice } from '../choice.ts';
import { isUri } from '../uri.ts';
import { isLeftOut } from './chosenFiles.ts';
import { changesSince, type GitChanges, recentCommits, topFolderOf } from './gitFiles.ts';
import type { MappedFile, Mappings } from './mappings.ts';

export interface ChangedFilesParts {
  readonly mappings: Mappings;
  /** What is there of these, and not ignored; says so where that is nothing. */
  upload(files: readonly MappedFile[]): Promise<void>;
  /** What the server has of these, and is not ignored; says so where that is nothing. */
  download(files: readonly MappedFile[]): Promise<void>;
  /** On the server, as when it is deleted in VS Code. */
  remove(file: MappedFile): Promise<void>;
}

/**
 * Uploads and downloads of what is not chosen file by file. Deletions are proposed, and done where they are ticked; what was deleted here is
 * among what is downloaded.
 */
export interface ChangedFiles {
  /** `chosen`: the repository in the Source Control view; default: those of all linked folders. */
  uploadChanged(chosen: unknown): Promise<void>;
  uploadSince(chosen: unknown): Promise<void>;
  uploadOpenEditors(): Promise<void>;
  downloadChanged(chosen: unknown): Promise<void>;
  downloadSince(chosen: unknown): Promise<void>;
  downloadOpenEditors(): Promise<void>;
  /** `resources`: rows of the Source Control view, or groups of them. */
  uploadResources(resources: readonly unknown[]): Promise<void>;
}

export function createChangedFiles(parts: ChangedFilesParts): ChangedFiles {
  const { mappings } = parts;
  const changed = async (chosen: unknown): Promise<readonly Changes[]> => {
    const repositories = await repositoriesOf(mappings, chosen);
    if (repositories.length === 0) sayNoRepository();
    return Promise.all(
      repositories.flatMap(({ folders }) => folders.map(async (folder) => filesOf(parts, folder, await changesSince(folder)))),
    );
  };
  const since = async (chosen: unknown): Promise<readonly Changes[]> => {
    const repository = await askRepository(await repositoriesOf(mappings, chosen));
    const commit = repository && (await askCommit(repository));
    if (repository === undefined || commit === undefined) return [];
    return Promise.all(repository.folders.map(async (folder) => filesOf(parts, folder, await changesSince(folder, commit))));
  };
  const open = async (act: (files: readonly MappedFile[]) => Promise<void>): Promise<void> => {
    const files = linked(mappings, openFiles());
    if (files.length === 0) void window.showInformationMessage(t('No file of a linked folder is open.'));
    else await act(files);
  };
  return {
    uploadChanged: async (chosen) => send(parts, await changed(chosen)),
    uploadSince: async (chosen) => send(parts, await since(chosen)),
    uploadOpenEditors: () => open((files) => parts.upload(files)),
    downloadChanged: async (chosen) => fetch(parts, await changed(chosen)),
    downloadSince: async (chosen) => fetch(parts, await since(chosen)),
    downloadOpenEditors: () => open((files) => parts.download(files)),
    async uploadResources(resources) {
      const files = linked(parts.mappings, resources.flatMap(urisOf));
      if (files.length === 0) return void window.showInformationMessage(t('Nothing of it is in a linked folder.'));
      const [present, deleted] = [files.filter(isThere), files.filter((file) => !isThere(file))];
      await send(parts, [{ changed: present, deleted, unmerged: [] }]);
    },
  };
}

type Changes = { readonly [K in keyof GitChanges]: readonly MappedFile[] };

/** One with linked folders in it, or that is in one. */
interface Repository {
  readonly top: string;
  /** Linked folders of this computer in it, or itself. */
  readonly folders: readonly string[];
}

async function repositoriesOf(mappings: Mappings, chosen: unknown): Promise<readonly Repository[]> {
  const root = rootOf(chosen);
  const folders = mappings.all.map((mapping) => mappings.folderOf(mapping));
  const meant = root === undefined ? folders : folders.flatMap((folder) => common(folder, root));
  const known = new Map<string, string[]>();
  for (const folder of new Set(meant.map(({ fsPath }) => fsPath))) {
    const top = existsSync(folder) ? await topFolderOf(folder) : undefined;
    if (top !== undefined) known.set(top, [...(known.get(top) ?? []), folder]);
  }
  return [...known].map(([top, all]) => ({ top, folders: all }));
}

/** The inner one of two folders. */
function common(folder: Uri, root: Uri): Uri[] {
  if (contains(root.path, folder.path)) return [folder];
  return contains(folder.path, root.path) ? [root] : [];
}

/** What the Source Control view hands to its commands. */
function rootOf(chosen: unknown): Uri | undefined {
  const root: unknown = typeof chosen === 'object' && chosen !== null && 'rootUri' in chosen ? chosen.rootUri : undefined;
  return isUri(root) ? root : undefined;
}

function urisOf(resource: unknown): Uri[] {
  if (typeof resource !== 'object' || resource === null) return [];
  if ('resourceStates' in resource && Array.isArray(resource.resourceStates)) return resource.resourceStates.flatMap(urisOf);
  return 'resourceUri' in resource && isUri(resource.resourceUri) ? [resource.resourceUri] : [];
}

function filesOf({ mappings }: ChangedFilesParts, folder: string, changes: GitChanges): Changes {
  const at = (paths: readonly string[]) =>
    linked(
      mappings,
      paths.map((path) => Uri.joinPath(Uri.file(folder), ...path.split('/'))),
    );
  return { changed: at(changes.changed), deleted: at(changes.deleted), unmerged: at(changes.unmerged) };
}

/** Each once. */
function linked(mappings: Mappings, uris: readonly Uri[]): MappedFile[] {
  const unique = new Map(uris.map((uri) => [uri.toString(), uri]));
  return [...unique.values()].flatMap((uri) => mappings.find(uri) ?? []);
}

function isThere({ uri }: MappedFile): boolean {
  return existsSync(uri.fsPath);
}

async function fetch(parts: ChangedFilesParts, all: readonly Changes[]): Promise<void> {
  if (all.length === 0) return;
  const changes = all.flatMap(({ changed, deleted, unmerged }) => [...changed, ...deleted, ...unmerged]);
  const files = linked(
    parts.mappings,
    changes.map(({ uri }) => uri),
  );
  if (files.length === 0) sayNothingChanged();
  else await parts.download(files);
}

async function send(parts: ChangedFilesParts, all: readonly Changes[]): Promise<void> {
  if (all.length === 0) return;
  const { mappings } = parts;
  const uris = (which: keyof Changes) =>
    linked(
      mappings,
      all.flatMap((changes) => changes[which].map(({ uri }) => uri)),
    );
  const [changed, unmerged] = [uris('changed'), uris('unmerged')];
  const gone = uris('deleted').filter((file) => !isThere(file));
  const deleted = (await Promise.all(gone.map(async (file) => ((await isLeftOut(mappings, file)) ? [] : [file])))).flat();
  if (unmerged.length > 0)
    void window.showWarningMessage(
      unmerged.length === 1
        ? t('{0} is not uploaded: its merge is not done yet.', safeText(basename(unmerged[0]?.uri.path ?? ''), 100))
        : t('{0} files are not uploaded: their merge is not done yet.', unmerged.length),
    );
  if (changed.length > 0) await parts.upload(changed);
  else if (deleted.length + unmerged.length === 0) sayNothingChanged();
  if (deleted.length > 0) await removeEach(parts, await askDeletions(deleted));
}

/** One that can't be deleted does not keep the others. */
async function removeEach(parts: ChangedFilesParts, files: readonly MappedFile[]): Promise<void> {
  const failures: unknown[] = [];
  for (const file of files) await parts.remove(file).catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw toRemoteError(failures[0]);
}

/** None is ticked at first. */
async function askDeletions(deleted: readonly MappedFile[]): Promise<readonly MappedFile[]> {
  const pick = window.createQuickPick<{ readonly label: string; readonly description: string; readonly file: MappedFile }>();
  pick.title = t('Deleted Here');
  pick.placeholder = t('Which of these files are to be deleted on the server, too?');
  pick.canSelectMany = true;
  pick.matchOnDescription = true;
  pick.items = deleted.map((file) => ({
    label: safeText(basename(file.uri.path), 100),
    description: safeText(`${file.relative} → ${file.target.name}`, 300),
    file,
  }));
  const answer = Promise.withResolvers<readonly MappedFile[] | undefined>();
  pick.onDidAccept(() => answer.resolve(pick.selectedItems.map(({ file }) => file)));
  return (await answered(pick, answer)) ?? [];
}

async function askRepository(repositories: readonly Repository[]): Promise<Repository | undefined> {
  if (repositories.length === 0) sayNoRepository();
  if (repositories.length <= 1) return repositories[0];
  const choices = repositories.map((value) => ({
    value,
    label: safeText(basename(value.top), 100),
    description: safeText(value.top, 200),
  }));
  const answer = await askChoice({ title: t('Repository'), placeholder: t('Of which repository?'), choices });
  return typeof answer === 'object' ? answer.value : undefined;
}

async function askCommit({ top }: Repository): Promise<string | undefined> {
  const choices = (await recentCommits(top)).map(({ id, shortId, subject, author, age }) => ({
    value: id,
    label: safeText(subject, 150) || shortId,
    description: safeText([shortId, author, age].join(' · '), 200),
  }));
  if (choices.length === 0) return void window.showInformationMessage(t('There is no commit yet.'));
  const placeholder = t('After which commit? What changed since then is meant');
  const answer = await askChoice({ title: t('Changed Since'), placeholder, choices });
  return typeof answer === 'object' ? answer.value : undefined;
}

function sayNothingChanged(): void {
  void window.showInformationMessage(t('Nothing has changed in linked folders.'));
}

function sayNoRepository(): void {
  void window.showInformationMessage(t('No linked folder is in a Git repository.'));
}

/** Of comparisons, the side that can be edited. */
function openFiles(): Uri[] {
  return window.tabGroups.all.flatMap(({ tabs }) =>
    tabs.flatMap(({ input }) => {
      if (input instanceof TabInputText || input instanceof TabInputNotebook || input instanceof TabInputCustom) return [input.uri];
      return input instanceof TabInputTextDiff || input instanceof TabInputNotebookDiff ? [input.modified] : [];
    }),
  );
}
