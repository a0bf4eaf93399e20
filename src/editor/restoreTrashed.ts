import * as vscode from 'vscode';
import { t } from '../core/l10n.ts';
import type { TrashedItem } from '../core/operations/trashContents.ts';
import { basename, child, parent } from '../core/path.ts';
import { safeText } from '../core/text.ts';
import { exists, isCode } from './restoreVersion.ts';
import type { Trash } from './trash.ts';
import type { TrashHost } from './trashPurges.ts';
import { uriOf } from './uri.ts';

/**
 * Moves an item of the trash to where it was, the folders above made anew where they are missing. Where something is there by now the
 * person chooses; what is replaced goes to the trash. Resolves to where it is; undefined when the person chose to leave it.
 */
export async function restoreTrashed(trash: Trash, host: TrashHost, item: TrashedItem): Promise<vscode.Uri | undefined> {
  const source = uriOf(host, item.path);
  const target = await placeFor(host, item);
  if (target === undefined) return undefined;
  await vscode.workspace.fs.createDirectory(vscode.Uri.joinPath(target.uri, '..'));
  await vscode.workspace.fs.rename(source, target.uri, { overwrite: target.overwrite });
  await trash.forget(host, item);
  return target.uri;
}

interface Target {
  readonly uri: vscode.Uri;
  readonly overwrite: boolean;
}

async function placeFor(host: TrashHost, { from }: TrashedItem): Promise<Target | undefined> {
  const uri = uriOf(host, from);
  if (!(await isTaken(uri))) return { uri, overwrite: false };
  const [replace, rename] = [t('Replace It'), t('Restore under Another Name')];
  const detail = t('What is there now goes to the trash if you replace it.');
  const question = t('There is something at {0} on {1} by now.', safeText(from, 200), safeText(host.name, 80));
  const answer = await vscode.window.showWarningMessage(question, { modal: true, detail }, replace, rename);
  if (answer === replace) return { uri, overwrite: true };
  return answer === rename ? { uri: await freePlace(host, from), overwrite: false } : undefined;
}

/** A file where a folder of the path should be is in the way too, but nothing that could be replaced: making the folder says so. */
async function isTaken(uri: vscode.Uri): Promise<boolean> {
  try {
    return await exists(uri);
  } catch (error) {
    if (isCode(error, 'FileNotADirectory')) return false;
    throw error;
  }
}

async function freePlace(host: TrashHost, from: string): Promise<vscode.Uri> {
  const name = basename(from);
  const dot = name.lastIndexOf('.');
  const [stem, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  for (let number = 1; ; number += 1) {
    const mark = number === 1 ? t('restored') : t('restored {0}', number);
    const uri = uriOf(host, child(parent(from), `${stem} (${mark})${extension}`));
    if (!(await isTaken(uri))) return uri;
  }
}
