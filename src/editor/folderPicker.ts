import { QuickInputButtons, QuickPickItemKind, ThemeIcon, window } from 'vscode';
import type { QuickInputButton, QuickPick, QuickPickItem } from 'vscode';
import { toRemoteError } from '../core/errors.ts';
import type { Host } from '../core/host.ts';
import { t } from '../core/l10n.ts';
import { resolveLinks } from '../core/operations/resolveLinks.ts';
import { child, normalize, parent } from '../core/path.ts';
import type { Pool } from '../core/pool.ts';
import { safeText } from '../core/text.ts';
import { describeError } from './fileSystemError.ts';
import type { Destination } from './openFolder.ts';
import { back } from './textInput.ts';

export interface ChosenFolder {
  readonly path: string;
  readonly destination: Destination;
}

interface FolderItem extends QuickPickItem {
  readonly path: string;
  /** Chosen rather than entered. */
  readonly opens: boolean;
}

/** Buttons of "Open this folder": VS Code hands back an own copy of them, told apart by the tooltip. */
function destinations(): { readonly button: QuickInputButton; readonly destination: Destination }[] {
  return [
    { button: { iconPath: new ThemeIcon('empty-window'), tooltip: t('Open in New Window') }, destination: 'newWindow' },
    { button: { iconPath: new ThemeIcon('add'), tooltip: t('Add to Workspace') }, destination: 'workspace' },
  ];
}

/**
 * Walks the server's folders in a quick pick, from `start`: a folder is entered, "Open this folder" chooses. A path that is typed
 * is gone to. `back` leads to the choice of the host; undefined when the person cancels.
 */
export async function browseFolders(pool: Pool, host: Host, start: string): Promise<ChosenFolder | typeof back | undefined> {
  const pick = window.createQuickPick<FolderItem>();
  const answer = Promise.withResolvers<ChosenFolder | typeof back | undefined>();
  let listing = new AbortController();
  let folder = normalize(start);

  const go = (path: string) => {
    listing.abort();
    listing = new AbortController();
    folder = path;
    void show(pick, pool, host, path, listing.signal);
  };
  pick.ignoreFocusOut = true;
  pick.buttons = [QuickInputButtons.Back];
  pick.onDidTriggerButton(() => answer.resolve(back));
  pick.onDidTriggerItemButton(({ item, button }) => {
    const destination = destinations().find((known) => known.button.tooltip === button.tooltip)?.destination;
    if (destination !== undefined) answer.resolve({ path: item.path, destination });
  });
  pick.onDidAccept(() => {
    const [item] = pick.activeItems;
    // A path that was typed is meant, unless the list answers it.
    if (pick.value.startsWith('/')) go(typedPath(pick.value) ?? folder);
    else if (item?.opens === true) answer.resolve({ path: item.path, destination: 'thisWindow' });
    else if (item !== undefined) go(item.path);
  });
  pick.onDidHide(() => answer.resolve(undefined));
  go(folder);
  pick.show();
  try {
    return await answer.promise;
  } finally {
    listing.abort();
    pick.dispose();
  }
}

function typedPath(value: string): string | undefined {
  try {
    return normalize(value.trim());
  } catch {
    return undefined;
  }
}

async function show(pick: QuickPick<FolderItem>, pool: Pool, host: Host, path: string, signal: AbortSignal): Promise<void> {
  pick.title = `${host.name}: ${safeText(path, 200)}`;
  pick.value = '';
  pick.placeholder = t('Choose a folder, or type a path');
  pick.busy = true;
  pick.items = firstItems(path);
  try {
    const folders = await listFolders(pool, host, path, signal);
    if (signal.aborted) return;
    pick.items = [...firstItems(path), { label: t('folders'), kind: QuickPickItemKind.Separator, path, opens: false }, ...folders];
  } catch (error) {
    if (signal.aborted) return;
    pick.items = [
      ...upItem(path),
      { label: t('This folder can not be listed.'), detail: describeError(toRemoteError(error)), alwaysShow: true, path, opens: false },
    ];
  }
  pick.busy = false;
}

function upItem(path: string): FolderItem[] {
  return path === '/' ? [] : [{ label: '..', iconPath: new ThemeIcon('arrow-up'), description: t('up'), path: parent(path), opens: false }];
}

function firstItems(path: string): FolderItem[] {
  const open = { label: t('Open this folder'), iconPath: new ThemeIcon('check'), description: safeText(path, 200), alwaysShow: true };
  return [{ ...open, path, opens: true, buttons: destinations().map(({ button }) => button) }, ...upItem(path)];
}

async function listFolders(pool: Pool, host: Host, path: string, signal: AbortSignal): Promise<FolderItem[]> {
  const names = await pool.run(
    host,
    async (remote, running) => {
      const call = { signal: running };
      const entries = await remote.list(path, call);
      const links = await resolveLinks(remote, path, entries, call);
      return entries.filter(({ kind, name }) => kind === 'directory' || links.get(name) === 'directory').map(({ name }) => name);
    },
    { signal, repeatable: true },
  );
  names.sort((a, b) => a.localeCompare(b));
  return names.map((name) => ({ label: safeText(name, 200), iconPath: new ThemeIcon('folder'), path: child(path, name), opens: false }));
}
