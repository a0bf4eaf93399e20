import { Disposable, Uri, workspace } from 'vscode';
import type { Memento } from 'vscode';
import type { Host } from '../core/host.ts';
import { hostFields } from '../core/hostFields.ts';
import { t } from '../core/l10n.ts';
import { basename, normalize } from '../core/path.ts';
import { safeText } from '../core/text.ts';
import { askChoice, type Choice } from './choice.ts';
import type { RegisterCommand } from './command.ts';
import { createKeptFolders, type KeptFolder, type KeptFolders } from './keptFolders.ts';
import { askText, back } from './textInput.ts';
import { chosenRows, isBookmarkRow, isFileRow, isHostRow } from './tree/rows.ts';
import { isRemote, type Location, uriOf } from './uri.ts';

/** The remote folders that the person opened last, and those that they marked. */
export interface RememberedFolders {
  readonly recent: KeptFolders;
  readonly bookmarks: KeptFolders;
}

/** So many folders are remembered as opened lately. */
const mostRecent = 20;
const mostBookmarks = 500;

export function createRememberedFolders(state: Memento): RememberedFolders {
  return {
    recent: createKeptFolders(state, 'recentFolders', mostRecent),
    bookmarks: createKeptFolders(state, 'bookmarks', mostBookmarks),
  };
}

export interface BookmarkParts {
  readonly register: RegisterCommand;
  readonly remembered: RememberedFolders;
  /** A row's host, else what the person chooses. */
  readonly chooseHost: (argument: unknown) => Promise<Host | undefined>;
  readonly locate: (uri: Uri) => Location;
}

/** Remembers the remote folders of this window, and lets the person mark folders. */
export function registerBookmarks(parts: BookmarkParts): Disposable {
  const { register, remembered } = parts;
  const { recent, bookmarks } = remembered;
  void noteOpen(parts);
  return Disposable.from(
    workspace.onDidChangeWorkspaceFolders(() => void noteOpen(parts)),
    register('ferry.addBookmark', (argument) => addBookmark(parts, argument)),
    register('ferry.renameBookmark', async (argument) => {
      const folder = keptAt(bookmarks, argument) ?? (await chooseBookmark(parts, t('Which bookmark gets another name?')));
      if (folder !== undefined) await renameBookmark(bookmarks, folder);
    }),
    register('ferry.removeBookmark', async (argument, selected) => {
      const marked = chosenRows(argument, selected).filter(isBookmarkRow);
      const folder = marked.length > 0 ? undefined : await chooseBookmark(parts, t('Which bookmark goes?'));
      for (const address of folder === undefined ? marked.map((row) => row.address) : [folder.uri]) await bookmarks.remove(address);
    }),
    register('ferry.clearRecent', () => recent.clear()),
  );
}

/** Of a row of the view. */
function keptAt(bookmarks: KeptFolders, argument: unknown): KeptFolder | undefined {
  return isBookmarkRow(argument) ? bookmarks.all.find(({ uri }) => uri === argument.address) : undefined;
}

async function noteOpen({ remembered, locate }: BookmarkParts): Promise<void> {
  for (const { uri } of workspace.workspaceFolders ?? []) {
    if (isRemote(uri) && placeOf(locate, uri) !== undefined) await remembered.recent.add({ uri: uri.toString(), name: undefined });
  }
}

/** Where a kept address leads; undefined: nowhere (any more). */
export function placeOf(locate: (uri: Uri) => Location, uri: Uri | string): Location | undefined {
  try {
    return locate(typeof uri === 'string' ? Uri.parse(uri, true) : uri);
  } catch {
    return undefined;
  }
}

async function addBookmark(parts: BookmarkParts, argument: unknown): Promise<void> {
  const uri = isFileRow(argument) ? argument.uri : argument instanceof Uri ? argument : await chooseFolder(parts, argument);
  const place = uri && placeOf(parts.locate, uri);
  if (place === undefined) return;
  const { host, path } = place;
  const name = await askName(t('Add Bookmark'), path === '/' ? host.name : safeText(basename(path), 100));
  if (name !== undefined) await parts.remembered.bookmarks.add({ uri: uriOf(host, path).toString(), name });
}

async function chooseFolder({ chooseHost, locate }: BookmarkParts, argument: unknown): Promise<Uri | undefined> {
  const open = (workspace.workspaceFolders ?? []).filter(({ uri }) => isRemote(uri) && placeOf(locate, uri) !== undefined);
  if (argument === undefined && open.length > 0) {
    const answer = await askChoice<Uri | 'other'>({
      title: t('Add Bookmark'),
      placeholder: t('Which folder?'),
      choices: [
        ...open.map(({ uri }) => ({ value: uri, label: safeText(uri.path, 200), description: safeText(uri.authority, 100) })),
        { value: 'other', label: t('Another Folder…') },
      ],
    });
    if (answer === undefined || answer === back) return undefined;
    if (answer.value !== 'other') return answer.value;
  }
  if (argument !== undefined && !isHostRow(argument)) return undefined;
  const host = await chooseHost(argument);
  if (host === undefined) return undefined;
  const answer = await askText({
    title: t('Add Bookmark'),
    prompt: t('Folder on {0}, from the root on.', safeText(host.name, 80)),
    value: host.root ?? '/',
    validate: (text) =>
      hostFields.root.read(text.trim()) === undefined ? t('Enter a folder from the root on, like /var/www.') : undefined,
  });
  return answer === undefined || answer === back ? undefined : uriOf(host, normalize(answer.value.trim()));
}

async function chooseBookmark({ remembered, locate }: BookmarkParts, placeholder: string): Promise<KeptFolder | undefined> {
  const choices = remembered.bookmarks.all.map((folder): Choice<KeptFolder> => ({ value: folder, ...describeFolder(locate, folder) }));
  const answer = await askChoice({ title: t('Bookmarks'), placeholder, choices });
  return answer === undefined || answer === back ? undefined : answer.value;
}

export async function renameBookmark(bookmarks: KeptFolders, { uri, name }: KeptFolder): Promise<void> {
  const renamed = await askName(t('Rename Bookmark'), name ?? '');
  if (renamed !== undefined) await bookmarks.rename(uri, renamed);
}

async function askName(title: string, value: string): Promise<string | undefined> {
  const answer = await askText({
    ...{ title, value },
    prompt: t('Name of the bookmark'),
    validate: (text) => (text.trim() === '' || text.length > 100 ? t('Enter a name.') : undefined),
  });
  return answer === undefined || answer === back ? undefined : answer.value.trim();
}

/** As it stands in a list. */
export function describeFolder(locate: (uri: Uri) => Location, { uri, name }: KeptFolder): { label: string; description: string } {
  const place = placeOf(locate, uri);
  const [path, host] = place === undefined ? [uri, ''] : [place.path, place.host.name];
  const [shown, where] = [safeText(path, 200), safeText(host, 100)];
  return name === undefined
    ? { label: shown, description: where }
    : { label: safeText(name, 100), description: `${where} ${shown}`.trim() };
}
