import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { RemoteError } from '../core/errors.ts';
import { t } from '../core/l10n.ts';
import { basename, child, parent } from '../core/path.ts';
import { safeText } from '../core/text.ts';
import { askChoice } from './choice.ts';
import { isRemote } from './uri.ts';

/** A content, and what tells its copy from that of another one of the same file. */
export interface CopiedContent {
  readonly mark: string;
  readonly bytes: Uint8Array;
}

/** Asks where to, and saves the text of a document there as it is now; the document stays what it was. */
export async function saveTextCopy(document: vscode.TextDocument): Promise<void> {
  const near = await askPlace(document.uri);
  const target = near && (await vscode.window.showSaveDialog({ defaultUri: near, title: t('Save a Copy') }));
  if (!target) return;
  if (target.toString() === document.uri.toString()) throw itself(document.uri);
  const bytes = await vscode.workspace.encode(document.getText(), { encoding: document.encoding });
  await vscode.workspace.fs.writeFile(target, bytes);
  said(target);
}

/** Asks for a folder, and saves contents of the file `uri` there under names that are free. Resolves to whether they were saved. */
export async function saveCopies(uri: vscode.Uri, contents: readonly CopiedContent[]): Promise<boolean> {
  const near = await askPlace(uri);
  if (!near) return false;
  const [folder] =
    (await vscode.window.showOpenDialog({
      ...{ canSelectFolders: true, canSelectFiles: false, canSelectMany: false },
      ...{ defaultUri: near.with({ path: parent(near.path) }), title: t('Save a Copy'), openLabel: t('Save Here') },
    })) ?? [];
  if (!folder) return false;
  for (const { mark, bytes } of contents) {
    const target = await freeName(folder, basename(uri.path), mark);
    await vscode.workspace.fs.writeFile(target, bytes);
  }
  said(folder);
  return true;
}

/** Where a dialog for a copy of `uri` begins: on this computer or beside the file itself. */
async function askPlace(uri: vscode.Uri): Promise<vscode.Uri | undefined> {
  const here = vscode.Uri.joinPath(localFolder(), basename(uri.path));
  if (!isRemote(uri)) return here;
  const beside = await freeName(uri.with({ path: parent(uri.path) }), basename(uri.path), t('copy'));
  const answer = await askChoice({
    title: t('Save a Copy'),
    placeholder: t('Where to?'),
    choices: [
      { label: t('On This Computer…'), value: here },
      { label: t('On a Server…'), description: safeText(uri.authority, 80), value: beside },
    ],
  });
  return typeof answer === 'object' ? answer.value : undefined;
}

function itself({ authority, path }: vscode.Uri): RemoteError {
  const hint = t('Choose another name or folder.');
  return new RemoteError('Exists', t('That is the file itself, not a copy of it.'), { path, host: authority, hint });
}

function localFolder(): vscode.Uri {
  return vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file')?.uri ?? vscode.Uri.file(homedir());
}

async function freeName(folder: vscode.Uri, name: string, mark: string): Promise<vscode.Uri> {
  const dot = name.lastIndexOf('.');
  const [stem, end] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  for (let number = 1; ; number += 1) {
    const target = folder.with({ path: child(folder.path, `${stem} (${mark}${number === 1 ? '' : ` ${number}`})${end}`) });
    if (!(await exists(target))) return target;
  }
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(uri);
    return true;
  } catch (error) {
    if (error instanceof vscode.FileSystemError && error.code === 'FileNotFound') return false;
    throw error;
  }
}

function said(target: vscode.Uri): void {
  const where = target.scheme === 'file' ? target.fsPath : `${target.authority}${target.path}`;
  void vscode.window.showInformationMessage(t('Saved a copy: {0}', safeText(where, 300)));
}
