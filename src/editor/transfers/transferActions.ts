import { commands, Uri, window, workspace } from 'vscode';
import { t } from '../../core/l10n.ts';
import { safeText } from '../../core/text.ts';
import type { TransferPlace } from '../../core/transfers/item.ts';
import type { TransferQueue, Which } from '../../core/transfers/queue.ts';
import type { Settings } from '../settings.ts';
import type { TransferRow, TransferTree } from './transferTree.ts';

/** What the commands of the view do: with a row that thing, without one all of the queue. */
export interface TransferActions {
  pause(row: unknown): void;
  resume(row: unknown): void;
  retry(row: unknown): void;
  clear(): void;
  cancel(row: unknown): Promise<void>;
  moveUp(row: unknown): void;
  moveToTop(row: unknown): void;
  reveal(row: unknown): Promise<void>;
  limit(): Promise<void>;
}

export function createTransferActions(queue: TransferQueue, tree: TransferTree, settings: Settings): TransferActions {
  const whichOf = (argument: unknown): Which => {
    const row = tree.rowOf(argument);
    if (row === undefined) return () => true;
    if ('live' in row) return () => false;
    return (item, group) => ('item' in row ? item.id === row.item : group.id === row.group);
  };
  const move = (argument: unknown, where: 'up' | 'top') => {
    const row = tree.rowOf(argument);
    if (row !== undefined && !('live' in row)) queue.move(row, where);
  };
  return {
    pause: (row) => queue.pause(whichOf(row)),
    resume: (row) => queue.resume(whichOf(row)),
    retry: (row) => queue.retry(whichOf(row)),
    clear: () => queue.clear(),
    async cancel(argument) {
      const row = tree.rowOf(argument);
      if (row === undefined && !(await mayCancelAll(queue, tree))) return;
      for (const group of tree.live) if (row === undefined || ('live' in row && row.live === group)) group.cancel();
      queue.cancel(whichOf(argument));
    },
    moveUp: (row) => move(row, 'up'),
    moveToTop: (row) => move(row, 'top'),
    async reveal(argument) {
      const place = placeOf(queue, tree.rowOf(argument));
      if (place !== undefined) await reveal(place);
    },
    limit: () => askLimit(settings),
  };
}

async function mayCancelAll(queue: TransferQueue, { live }: TransferTree): Promise<boolean> {
  if (queue.groups.length + live.length === 0) return false;
  const cancel = t('Cancel Transfers');
  const detail = t('What is there of files that are not whole is removed. Files that are whole stay.');
  return (await window.showWarningMessage(t('Cancel all transfers?'), { modal: true, detail }, cancel)) === cancel;
}

interface Shown extends TransferPlace {
  readonly isFolder: boolean;
}

function placeOf({ groups }: TransferQueue, row: TransferRow | undefined): Shown | undefined {
  if (row === undefined || 'live' in row) return undefined;
  const into = 'group' in row ? groups.find(({ id }) => id === row.group)?.into : undefined;
  if (into !== undefined) return { ...into, isFolder: true };
  const item = groups.flatMap(({ items }) => items).find(({ id }) => 'item' in row && id === row.item);
  return item && { ...item.to, isFolder: item.kind === 'folder' };
}

/** In the Explorer where it is in the workspace; else this computer's own program for folders shows it, and of a host it is opened. */
async function reveal({ host, path, isFolder }: Shown): Promise<void> {
  const [scheme = '', authority = ''] = host.split('://');
  const uri = host === '' ? Uri.file(path) : Uri.from({ scheme, authority, path });
  // VS Code in a browser has none.
  const isShown = host === '' && (await commands.getCommands(true)).includes('revealFileInOS');
  if (workspace.getWorkspaceFolder(uri) !== undefined) await commands.executeCommand('revealInExplorer', uri);
  else if (isShown) await commands.executeCommand('revealFileInOS', uri);
  else if (isFolder) await offerFolder(uri);
  else await commands.executeCommand('vscode.open', uri);
}

async function offerFolder(uri: Uri): Promise<void> {
  const open = t('Open in New Window');
  const where = safeText(uri.toString(true), 300);
  if ((await window.showInformationMessage(t('It is in {0}.', where), open)) === open)
    await commands.executeCommand('vscode.openFolder', uri, { forceNewWindow: true });
}

/** It counts at once, also for what runs. */
async function askLimit(settings: Settings): Promise<void> {
  const answer = await window.showInputBox({
    title: t('Limit Bandwidth'),
    prompt: t('KB a second for all transfers of the queue together; 0: no limit'),
    value: String(settings.transferLimit / 1024),
    validateInput: (text) => (/^\d{1,7}$/.test(text.trim()) ? undefined : t('Enter a whole number.')),
  });
  if (answer !== undefined) await settings.saveTransferLimit(Number(answer.trim()));
}
