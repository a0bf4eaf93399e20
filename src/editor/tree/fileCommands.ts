import { commands, type Uri } from 'vscode';
import type { Disposable } from '../../core/events.ts';
import { RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import { parent } from '../../core/path.ts';
import type { RegisterCommand } from '../command.ts';
import { isRemote, isUri, uriOf } from '../uri.ts';
import type { BringParts } from './bring.ts';
import { type FileRows, isListed } from './fileRows.ts';
import type { HostTree } from './hostTree.ts';
import type { PermissionsParts } from './permissions.ts';
import { chosenRows, type FileRow, type FolderRow, isRow, type Row } from './rows.ts';

export interface FileCommandsParts extends BringParts, PermissionsParts {
  readonly register: RegisterCommand;
  readonly tree: HostTree;
  readonly files: FileRows;
}

/** What the commands do is loaded with the first of them. */
const actions = () => import('./fileActions.ts');

/**
 * The commands on rows of files. Their arguments may come from anywhere: only rows that the view made are taken, else what is selected in
 * it.
 */
export function registerFileCommands(parts: FileCommandsParts): Disposable {
  const { register, tree } = parts;
  const onFiles =
    (act: (rows: readonly FileRow[]) => Promise<void>) =>
    async (...given: unknown[]) => {
      const chosen = givenRows(tree, given).filter((each) => each.kind === 'file');
      if (chosen.length > 0) await act(chosen);
    };
  const onFile = (act: (row: FileRow) => Promise<void>) => onFiles(([first]) => (first === undefined ? Promise.resolve() : act(first)));
  const inFolder =
    (act: (folder: Uri) => Promise<void>) =>
    async (...given: unknown[]) => {
      const folder = await folderUri(parts.files, givenRows(tree, given)[0]);
      if (folder !== undefined) await act(folder);
    };
  const registered = [
    register(
      'ferry.files.openToSide',
      onFile(({ uri }) => run('vscode.open', uri, { viewColumn: -2 })),
    ),
    register(
      'ferry.files.newFile',
      inFolder(async (folder) => (await actions()).newFile(parts, folder)),
    ),
    register(
      'ferry.files.newFolder',
      inFolder(async (folder) => (await actions()).newFolder(parts, folder)),
    ),
    register(
      'ferry.files.uploadFiles',
      inFolder(async (folder) => (await actions()).uploadInto(parts, folder, 'files')),
    ),
    register(
      'ferry.files.uploadFolders',
      inFolder(async (folder) => (await actions()).uploadInto(parts, folder, 'folders')),
    ),
    register(
      'ferry.files.download',
      onFiles(async (rows) =>
        (await actions()).download(
          parts,
          rows.map(({ uri }) => uri),
        ),
      ),
    ),
    register(
      'ferry.files.rename',
      onFile(async (row) => (await actions()).renameEntry(parts, row)),
    ),
    register(
      'ferry.files.delete',
      onFiles(async (rows) => (await actions()).removeEntries(parts, rows)),
    ),
    register(
      'ferry.files.permissions',
      onFiles(async (rows) => (await import('./permissions.ts')).changePermissions(parts, rows)),
    ),
    register(
      'ferry.files.copyPath',
      onFiles(async (rows) => (await actions()).copyText(rows, 'path')),
    ),
    register(
      'ferry.files.copyUri',
      onFiles(async (rows) => (await actions()).copyText(rows, 'uri')),
    ),
    register(
      'ferry.files.compareLocal',
      onFile(async (row) => (await actions()).compareWithLocal(row)),
    ),
    // VS Code's own, so that files of the Explorer and of the view can be compared with each other.
    register(
      'ferry.files.selectForCompare',
      onFile(({ uri }) => run('selectForCompare', uri)),
    ),
    register(
      'ferry.files.compareSelected',
      onFile(({ uri }) => run('compareFiles', uri)),
    ),
    register(
      'ferry.files.compareChosen',
      onFiles(async (rows) => (await actions()).compareChosen(rows)),
    ),
    register('ferry.files.refresh', (row: unknown) => refresh(tree, row)),
    ...registerClipboard(parts, onFiles, inFolder),
    ...registerExplorerCommands(parts),
  ];
  return { dispose: () => registered.forEach((command) => command.dispose()) };
}

type OnFiles = (act: (rows: readonly FileRow[]) => Promise<void>) => (...given: unknown[]) => Promise<void>;
type InFolder = (act: (folder: Uri) => Promise<void>) => (...given: unknown[]) => Promise<void>;

function registerClipboard(parts: FileCommandsParts, onFiles: OnFiles, inFolder: InFolder): Disposable[] {
  const { register } = parts;
  let taken: { readonly uris: readonly Uri[]; readonly moves: boolean } | undefined;
  const take = (moves: boolean) =>
    onFiles(async (rows) => {
      taken = { uris: rows.map(({ uri }) => uri), moves };
      await run('setContext', 'ferry.canPaste', true);
    });
  return [
    register('ferry.files.copy', take(false)),
    register('ferry.files.cut', take(true)),
    register(
      'ferry.files.paste',
      inFolder(async (folder) => {
        if (taken === undefined) throw new RemoteError('Unsupported', t('Copy or cut files in the view of hosts first.'));
        const { uris, moves } = taken;
        const { bringInto } = await import('./bring.ts');
        const isDone = await bringInto(parts, uris, folder, { moves });
        if (!isDone || !moves) return;
        taken = undefined;
        await run('setContext', 'ferry.canPaste', false);
      }),
    ),
  ];
}

/** In the Explorer they get an address and all that are selected: only those of hosts are taken. */
function registerExplorerCommands(parts: FileCommandsParts): Disposable[] {
  const { register } = parts;
  const isOurs = (given: unknown): given is Uri => isUri(given) && isRemote(given);
  const upload = (what: 'files' | 'folders') => async (folder: unknown) => {
    if (isOurs(folder)) await (await actions()).uploadInto(parts, folder, what);
  };
  return [
    register('ferry.explorer.download', async (chosen: unknown, selected: unknown) => {
      const several = Array.isArray(selected) ? selected.filter(isOurs) : [];
      await (await actions()).download(parts, several.length > 0 ? several : [chosen].filter(isOurs));
    }),
    register('ferry.explorer.uploadFiles', upload('files')),
    register('ferry.explorer.uploadFolders', upload('folders')),
  ];
}

/** The folder that a row stands for, or that its file is in. */
export async function folderUri(files: FileRows, row: Row | undefined): Promise<Uri | undefined> {
  if (row === undefined || row.kind === 'group') return undefined;
  if (row.kind === 'note') return folderUri(files, row.under);
  if (row.kind === 'file' && !isListed(row)) return row.uri.with({ path: parent(row.uri.path) });
  const { host, path } = await files.folderOf(row);
  return uriOf(host, path);
}

function refresh(tree: HostTree, argument: unknown): void {
  const row = isRow(argument) ? argument : undefined;
  tree.refresh(row === undefined ? undefined : folderRow(row));
}

function folderRow(row: Row): FolderRow | undefined {
  if (row.kind === 'group') return undefined;
  if (row.kind === 'host' || row.kind === 'bookmark') return row;
  return row.kind === 'note' || !isListed(row) ? row.under : row;
}

/** Of a menu: all that are selected, where its row is one of them, else that row alone. Of a key: what is selected. */
function givenRows(tree: HostTree, given: readonly unknown[]): readonly Row[] {
  const [row, rows] = given;
  if (given.length === 0) return tree.selection;
  // VS Code had a row for the menu, and has none any more.
  if (given.length > 1 && row === undefined) throw new RemoteError('Busy', t('The list was just drawn anew. Please try again.'));
  return chosenRows(row, rows);
}

async function run(command: string, ...given: readonly unknown[]): Promise<void> {
  await commands.executeCommand(command, ...given);
}
