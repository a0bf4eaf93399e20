import { commands, env, type OpenDialogOptions, Uri, window, workspace } from 'vscode';
import { homedir } from 'node:os';
import { isFolderLike } from '../../core/entryOrder.ts';
import { RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import { basename, child, isSafeName } from '../../core/path.ts';
import { safeText } from '../../core/text.ts';
import { askText } from '../textInput.ts';
import { type BringParts, bringInto, parentOf, runAll, withoutNested } from './bring.ts';
import { shownName } from './fileItem.ts';
import { closeEditors, moveWithEditors } from './moveWithEditors.ts';
import type { FileRow } from './rows.ts';

/** What a person does with files of a host, wherever they chose them. Throws what goes wrong. */

export async function newFile({ fileSystem }: BringParts, folder: Uri): Promise<void> {
  const name = await askName(t('New File'), folder, '');
  if (name === undefined) return;
  const uri = within(folder, name);
  await fileSystem.writeFile(uri, new Uint8Array(), { create: true, overwrite: false });
  await commands.executeCommand('vscode.open', uri);
}

export async function newFolder({ fileSystem }: BringParts, folder: Uri): Promise<void> {
  const name = await askName(t('New Folder'), folder, '');
  if (name !== undefined) await fileSystem.createDirectory(within(folder, name));
}

export async function renameEntry({ fileSystem }: BringParts, { uri, entry }: FileRow): Promise<void> {
  const name = await askName(t('Rename {0}', shownName(entry.name)), parentOf(uri), entry.name);
  if (name === undefined || name === entry.name) return;
  await moveWithEditors(fileSystem, uri, within(parentOf(uri), name), { overwrite: false });
}

async function askName(title: string, folder: Uri, value: string): Promise<string | undefined> {
  const where = safeText(`${folder.authority}${folder.path}`, 200);
  const validate = (name: string) =>
    isSafeName(name.trim()) ? undefined : t('Enter a name without “/”; “.” and “..” are no names of files.');
  const answer = await askText({ title, prompt: t('A name in {0}', where), value, validate });
  return typeof answer === 'object' ? answer.value.trim() : undefined;
}

export async function removeEntries({ fileSystem, locate }: BringParts, rows: readonly FileRow[]): Promise<void> {
  const uris = withoutNested(rows.map(({ uri }) => uri));
  const [first] = uris;
  if (first === undefined) return;
  const { host } = locate(first);
  const name = shownName(basename(first.path));
  const isFolder = rows.some(({ uri, entry }) => uri === first && entry.kind === 'directory');
  const question =
    uris.length > 1
      ? t('Delete these {0} files and folders?', uris.length)
      : isFolder
        ? t('Delete “{0}” and all that is in it?', name)
        : t('Delete “{0}”?', name);
  const names = uris.length > 1 ? uris.slice(0, 10).map(({ path }) => shownName(basename(path))) : [];
  const hasTrash = uris.every((uri) => locate(uri).host.trash !== undefined);
  const fate = hasTrash ? t('It goes to the trash of {0}.', safeText(host.name, 80)) : t('It is deleted on the server for good.');
  const detail = [...names, ...(uris.length > 10 ? ['…'] : []), fate].join('\n');
  const button = hasTrash ? t('Move to Trash') : t('Delete');
  if ((await window.showWarningMessage(question, { modal: true, detail }, button)) !== button) return;
  const work = uris.map((uri) => ({
    name: basename(uri.path),
    act: async () => {
      await fileSystem.remove(uri);
      await closeEditors(uri);
    },
  }));
  await runAll(work, t('deleted'));
}

export async function uploadInto(parts: BringParts, folder: Uri, what: 'files' | 'folders'): Promise<void> {
  const options: OpenDialogOptions = {
    ...{ canSelectFiles: what === 'files', canSelectFolders: what === 'folders', canSelectMany: true },
    title: t('Upload to {0}', safeText(`${folder.authority}${folder.path}`, 200)),
    openLabel: t('Upload'),
    defaultUri: localFolder(),
  };
  const chosen = await window.showOpenDialog(options);
  if (chosen !== undefined) await bringInto(parts, chosen, folder);
}

export async function download(parts: BringParts, uris: readonly Uri[]): Promise<void> {
  const [first] = uris;
  if (first === undefined) return;
  const name = shownName(basename(first.path));
  const title = uris.length === 1 ? t('Download {0}', name) : t('Download {0} Entries', uris.length);
  const [folder] =
    (await window.showOpenDialog({
      ...{ canSelectFiles: false, canSelectFolders: true, canSelectMany: false, title },
      ...{ openLabel: t('Download Here'), defaultUri: localFolder() },
    })) ?? [];
  if (folder === undefined || !(await bringInto(parts, uris, folder))) return;
  void window.showInformationMessage(
    uris.length === 1
      ? t('{0} is in {1} now.', name, safeText(folder.fsPath, 300))
      : t('{0} entries are in {1} now.', uris.length, safeText(folder.fsPath, 300)),
  );
}

export async function compareWithLocal(row: FileRow): Promise<void> {
  refuseFolder(row);
  const { uri, entry } = row;
  const [local] =
    (await window.showOpenDialog({
      ...{ canSelectMany: false, defaultUri: localFolder(), openLabel: t('Compare') },
      title: t('Compare {0} with a Local File', shownName(entry.name)),
    })) ?? [];
  if (local === undefined) return;
  const title = `${safeText(basename(local.path), 80)} ↔ ${shownName(entry.name)} (${safeText(uri.authority, 60)})`;
  await commands.executeCommand('vscode.diff', local, uri, title);
}

/** Two files with each other, of one host or of two. */
export async function compareChosen(rows: readonly FileRow[]): Promise<void> {
  const [one, other, ...more] = rows;
  if (one === undefined || other === undefined || more.length > 0)
    throw new RemoteError('Unsupported', t('Select two files in the view of hosts to compare them.'));
  rows.forEach(refuseFolder);
  const tell = toldApart(one, other);
  await commands.executeCommand('vscode.diff', one.uri, other.uri, `${tell(one)} ↔ ${tell(other)}`);
}

function refuseFolder({ uri, entry }: FileRow): void {
  if (isFolderLike(entry)) throw new RemoteError('IsADirectory', t('Only files can be compared.'), { path: uri.path });
}

/** Their names, with the host where there are two, by their paths where they are named alike. */
function toldApart(one: FileRow, other: FileRow): (row: FileRow) => string {
  if (one.uri.authority !== other.uri.authority) return ({ uri, entry }) => `${shownName(entry.name)} (${safeText(uri.authority, 60)})`;
  if (one.entry.name !== other.entry.name) return ({ entry }) => shownName(entry.name);
  return ({ uri }) => safeText(uri.path, 200);
}

/** Paths as the server names them, or addresses. */
export async function copyText(rows: readonly FileRow[], what: 'path' | 'uri'): Promise<void> {
  await env.clipboard.writeText(rows.map(({ uri }) => (what === 'path' ? uri.path : uri.toString())).join('\n'));
}

function within(folder: Uri, name: string): Uri {
  return folder.with({ path: child(folder.path, name) });
}

function localFolder(): Uri {
  return workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file')?.uri ?? Uri.file(homedir());
}
