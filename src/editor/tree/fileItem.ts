import { ThemeIcon, TreeItem, TreeItemCollapsibleState } from 'vscode';
import { isFolderLike } from '../../core/entryOrder.ts';
import { t } from '../../core/l10n.ts';
import { modeText, octalText } from '../../core/mode.ts';
import type { Kind } from '../../core/remote.ts';
import { safeText, spelledOut } from '../../core/text.ts';
import { describeError } from '../fileSystemError.ts';
import type { ListedEntry } from '../looks.ts';
import { formatBytes } from '../transferText.ts';
import type { FileRow, NoteRow } from './rows.ts';

/** How the row of a file, folder or link looks. Its tooltip is made when it is looked at. */
export function fileItem({ uri, entry, hasModes }: FileRow, id: string): TreeItem {
  const isFolder = isFolderLike(entry);
  const item = new TreeItem(shownName(entry.name), isFolder ? TreeItemCollapsibleState.Collapsed : TreeItemCollapsibleState.None);
  item.id = id;
  item.resourceUri = uri;
  item.iconPath = isFolder ? ThemeIcon.Folder : ThemeIcon.File;
  if (entry.kind === 'symlink') item.description = `→ ${entry.target === undefined ? t('link') : safeText(entry.target, 200)}`;
  const marks = [entry.kind === 'symlink' ? 'link' : '', uri.scheme, hasModes && entry.kind !== 'symlink' ? 'mode' : ''];
  item.contextValue = ['entry', isFolder ? 'folder' : 'file', ...marks].filter((mark) => mark !== '').join('.');
  if (!isFolder) item.command = { command: 'vscode.open', title: t('Open'), arguments: [uri] };
  item.accessibilityInformation = { label: `${shownName(entry.name)}, ${kindText(entry)}` };
  return item;
}

/** A name of invisible characters only is spelled out. */
export function shownName(name: string): string {
  return safeText(name, 250) || spelledOut(name).slice(0, 250);
}

/** A string, never a MarkdownString: all of it comes from the server. */
export function fileTooltip(entry: ListedEntry): string {
  const { mtime, owner, group, mode } = entry;
  const lines = [shownName(entry.name), kindText(entry)];
  if (entry.kind === 'symlink' && entry.target !== undefined) lines.push(t('Leads to: {0}', safeText(entry.target, 300)));
  if (mtime !== undefined) lines.push(t('Changed: {0}', new Date(mtime).toLocaleString()));
  if (owner !== undefined) lines.push(t('Owner: {0}', safeText(owner, 80)));
  if (group !== undefined) lines.push(t('Group: {0}', safeText(group, 80)));
  if (mode !== undefined) lines.push(t('Permissions: {0} ({1})', octalText(mode), modeText(mode)));
  return lines.join('\n');
}

function kindText({ kind, leadsTo, size }: ListedEntry): string {
  switch (kind) {
    case 'file':
      return t('File, {0}', size < 1000 ? formatBytes(size) : t('{0} ({1} bytes)', formatBytes(size), size.toLocaleString()));
    case 'directory':
      return t('Folder');
    case 'symlink':
      return leadsTo === undefined ? t('Link that leads nowhere') : t('Link to a {0}', linkedTo[leadsTo]());
    case 'other':
      return t('Device or pipe');
  }
}

const linkedTo: Readonly<Record<Kind, () => string>> = {
  file: () => t('file'),
  directory: () => t('folder'),
  symlink: () => t('link'),
  other: () => t('device or pipe'),
};

/** Why a folder's entries are not there; chosen, it is tried again. */
export function noteItem(row: NoteRow): TreeItem {
  const item = new TreeItem(safeText(row.reason.message, 200));
  item.iconPath = new ThemeIcon('warning');
  item.description = t('Try again');
  item.tooltip = describeError(row.reason);
  item.contextValue = 'note';
  item.command = { command: 'ferry.files.refresh', title: t('Try Again'), arguments: [row] };
  return item;
}
