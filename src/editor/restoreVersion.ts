import * as vscode from 'vscode';
import { RemoteError } from '../core/errors.ts';
import { t } from '../core/l10n.ts';
import { basename } from '../core/path.ts';
import { safeText } from '../core/text.ts';
import type { History } from './history.ts';
import type { KeptVersion } from './historyEntries.ts';
import type { KeptVersions } from './keptVersions.ts';
import { type Location, uriOf } from './uri.ts';

/** Shows an earlier version of a file beside what it is now, and brings it back if the person agrees: as a save like any other. */
export async function restoreVersion(history: History, shown: KeptVersions, location: Location, version: KeptVersion): Promise<void> {
  const content = await history.content(version.hash);
  const { host, path } = location;
  if (content === undefined)
    throw new RemoteError('NotFound', t('This version is not kept on this computer any more.'), { path, host: host.name });
  const uri = uriOf(host, path);
  const kept = shown.keep(uri, 'earlier', content);
  const isThere = await exists(uri);
  const [name, time] = [safeText(basename(path), 100), describeTime(version.time)];
  if (isThere) await vscode.commands.executeCommand('vscode.diff', kept, uri, t('{0} (until {1} ↔ now)', name, time));
  else await vscode.commands.executeCommand('vscode.open', kept);
  const restore = t('Restore');
  const question = isThere
    ? t('Restore {0} on {1} as it was until {2}? What it holds now is kept as an earlier version.', name, safeText(host.name, 80), time)
    : t('There is no {0} on {1} any more. Restore it as it was until {2}?', name, safeText(host.name, 80), time);
  if ((await vscode.window.showInformationMessage(question, restore)) !== restore) return;
  await write(uri, content, location);
  await closeKept(kept);
  await vscode.commands.executeCommand('vscode.open', uri);
  vscode.window.setStatusBarMessage(t('{0} was restored.', name), 5000);
}

/** Both sides of the comparison are the same now, and a version that was shown alone is the file. */
async function closeKept(kept: vscode.Uri): Promise<void> {
  const isKept = ({ input }: vscode.Tab) =>
    (input instanceof vscode.TabInputTextDiff && input.original.toString() === kept.toString()) ||
    (input instanceof vscode.TabInputText && input.uri.toString() === kept.toString());
  await vscode.window.tabGroups.close(vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).filter(isKept));
}

async function write(uri: vscode.Uri, content: Uint8Array, { host, path }: Location): Promise<void> {
  const document = vscode.workspace.textDocuments.find((each) => each.uri.toString() === uri.toString());
  if (document?.isDirty === true)
    throw new RemoteError('Busy', t('It has unsaved changes, so nothing was restored.'), {
      path,
      host: host.name,
      hint: t('Save or revert them, then restore once more.'),
    });
  // What it holds now is what the save compares with, and what it keeps.
  if (await exists(uri)) await vscode.workspace.fs.readFile(uri);
  else await vscode.workspace.fs.createDirectory(vscode.Uri.joinPath(uri, '..'));
  await vscode.workspace.fs.writeFile(uri, content);
}

export async function exists(uri: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(uri);
    return true;
  } catch (error) {
    if (isCode(error, 'FileNotFound')) return false;
    throw error;
  }
}

export function isCode(error: unknown, code: string): boolean {
  return error instanceof vscode.FileSystemError && error.code === code;
}

export function describeTime(time: number): string {
  return new Date(time).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
}
