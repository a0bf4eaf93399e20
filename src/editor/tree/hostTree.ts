import { commands, EventEmitter, TreeItem, window } from 'vscode';
import type { FileChangeEvent, Memento, TreeDataProvider, TreeDragAndDropController, TreeView, Uri } from 'vscode';
import type { Disposable, Event } from '../../core/events.ts';
import { t } from '../../core/l10n.ts';
import type { Pool } from '../../core/pool.ts';
import { safeText } from '../../core/text.ts';
import type { RegisterCommand } from '../command.ts';
import type { SavedHosts } from '../hosts.ts';
import type { KeptFolders } from '../keptFolders.ts';
import type { SshConfigHosts } from '../sshConfigHosts.ts';
import type { Location } from '../uri.ts';
import { createBookmarkRows } from './bookmarkRows.ts';
import type { FileRows } from './fileRows.ts';
import { configRow, createGroupRows } from './groups.ts';
import { createHostFilter, type HostFilter } from './hostFilter.ts';
import { registerHostGroupCommands } from './hostGroupCommands.ts';
import { createHostRows } from './hostRows.ts';
import { createOpenRows } from './openRows.ts';
import { findRow } from './revealedFile.ts';
import type { FolderRow, GroupRow, Row } from './rows.ts';
import { followSelection } from './selection.ts';
import { settling } from './settling.ts';

const hostViewId = 'ferry.hosts';
/** In ms: so long at most it takes VS Code to draw a list. */
const drawingTime = 500;

export interface HostTreeParts {
  readonly hosts: SavedHosts;
  readonly configured: SshConfigHosts;
  readonly pool: Pool;
  readonly register: RegisterCommand;
  /** Remembers which groups are closed. */
  readonly state: Memento;
  readonly files: FileRows;
  readonly bookmarks: KeptFolders;
  readonly locate: (uri: Uri) => Location;
  readonly drop: TreeDragAndDropController<Row>;
  /** Of files on hosts, by whomever. */
  readonly onDidChangeFile: Event<readonly FileChangeEvent[]>;
}

export interface HostTree extends Disposable {
  readonly selection: readonly Row[];
  /** Lists what is under it anew; nothing given: everything. */
  refresh(row?: FolderRow): void;
  /** Shows the row of a file or folder; resolves to whether it is below the folder that its host opens. Throws RemoteErrors. */
  readonly reveal: (location: Location) => Promise<boolean>;
}

/** The view "Hosts" in the Activity Bar's "Ferry": the saved hosts in their groups and those of the ssh config, how they stand, and their files. */
export function createHostTree(parts: HostTreeParts): HostTree {
  const { hosts, configured, pool, register, state, files } = parts;
  const changes = new EventEmitter<Row | undefined>();
  const rows = createHostRows(hosts, configured, pool);
  const groups = createGroupRows(state);
  const filter = createHostFilter();
  const marked = createBookmarkRows(parts.bookmarks, parts.locate);
  const savedIn = (path: string | undefined): Row[] => {
    const shown = hosts.all.filter(filter.matches);
    return [...groups.within(path, shown), ...shown.filter(({ look }) => look.group === path).map(rows.of)];
  };
  const groupOf = (name: string): GroupRow | undefined => {
    const path = hosts.find(name)?.look.group;
    if (path !== undefined) return groups.of(path);
    return configured.find(name) === undefined ? undefined : configRow;
  };
  const provider: TreeDataProvider<Row> = {
    onDidChangeTreeData: changes.event,
    async getChildren(row) {
      if (row === configRow) return configured.all.filter(filter.matches).map(rows.of);
      if (row?.kind === 'host') return [...marked.of(row), ...(await files.childrenOf(row))];
      if (row?.kind === 'file' || row?.kind === 'bookmark') return [...(await files.childrenOf(row))];
      if (row !== undefined) return row.kind === 'group' ? savedIn(row.path) : [];
      const others = (await configured.load()).filter(filter.matches);
      return [...savedIn(undefined), ...(others.length > 0 ? [configRow] : [])];
    },
    getParent(row) {
      if (row.kind === 'group') return groups.parentOf(row);
      return row.kind === 'host' ? groupOf(row.name) : row.under;
    },
    getTreeItem(row) {
      if (row.kind === 'group') return groups.itemOf(row);
      if (row.kind === 'bookmark') return marked.itemOf(row);
      return row.kind === 'host' ? (rows.itemOf(row) ?? new TreeItem(row.name)) : files.itemOf(row);
    },
    async resolveTreeItem(item, row) {
      if (row.kind === 'file') item.tooltip = await files.tooltipOf(row);
      return item;
    },
  };
  const view = window.createTreeView(hostViewId, {
    treeDataProvider: provider,
    dragAndDropController: parts.drop,
    canSelectMany: true,
    showCollapseAll: true,
  });
  const selection = followSelection(view);
  showWords(view, hosts, filter);
  const findHost = (name: string) => hosts.find(name) ?? configured.find(name);
  const open = createOpenRows({ view, files, isHost: (name) => findHost(name) !== undefined });
  /** What is there now takes commands until the lists that take its place are at hand. */
  const redraw = async (row: FolderRow, list: (folder: FolderRow) => Promise<unknown>) => {
    // A host may go meanwhile.
    await Promise.allSettled(open.at(row).map(async (each) => list(each)));
    changes.fire(row);
  };
  const renew = async (row?: FolderRow) => {
    const all = row === undefined ? open.hosts : [row];
    files.forget(
      row,
      all.flatMap((each) => open.at(each)),
    );
    // One host waits for no other.
    await Promise.all(all.map((each) => redraw(each, files.renew)));
    if (row === undefined) changes.fire(undefined);
  };
  const stateShown = settling((name: string) => {
    const host = findHost(name);
    if (host === undefined || !rows.looksDifferent(host)) return;
    if (pool.state(name).state === 'connected') files.failedOn(name).forEach((row) => files.forget(row));
    changes.fire(rows.of(host));
  });
  const folderShown = settling((row: FolderRow) => void redraw(row, files.childrenOf));
  const subscriptions: Disposable[] = [
    ...[view, selection, changes, stateShown, folderShown, filter, open],
    registerHostGroupCommands({
      ...{ register, hosts, filter, selection: () => selection.rows },
      ...{ bookmarks: parts.bookmarks, bookmarksBeside: (row) => marked.of(row.under) },
    }),
    ...followView(view, (row, isExpanded) => groups.noteExpanded(row, isExpanded)),
    parts.onDidChangeFile((events) => files.changed(events).forEach(folderShown.soon)),
    pool.onDidChangeState(stateShown.soon),
    configured.onDidChange(() => changes.fire(undefined)),
    parts.bookmarks.onDidChange(() => changes.fire(undefined)),
    filter.onDidChange(() => {
      showWords(view, hosts, filter);
      changes.fire(undefined);
    }),
    hosts.onDidChange(() => {
      showWords(view, hosts, filter);
      files.forgetEdited();
      changes.fire(undefined);
    }),
  ];
  return {
    get selection() {
      return selection.rows;
    },
    refresh(row) {
      void window.withProgress({ location: { viewId: hostViewId } }, () => renew(row));
    },
    async reveal(location) {
      const found = await findRow(files, rows.of(location.host), location, ({ uri }) => parts.locate(uri).key);
      if (found === undefined) return false;
      const show = () => view.reveal(found, { select: true, focus: true });
      // While the list is drawn anew VS Code does not know the row.
      await show().then(undefined, () => new Promise((resolve) => setTimeout(resolve, drawingTime)).then(show));
      return true;
    },
    dispose: () => subscriptions.forEach((subscription) => subscription.dispose()),
  };
}

/** Keys act on what is selected; groups stay as the person left them. */
function followView(view: TreeView<Row>, noteExpanded: (row: GroupRow, isExpanded: boolean) => void): Disposable[] {
  const note = (row: Row, isExpanded: boolean) => {
    if (row.kind === 'group') noteExpanded(row, isExpanded);
  };
  return [
    view.onDidExpandElement(({ element }) => note(element, true)),
    view.onDidCollapseElement(({ element }) => note(element, false)),
    view.onDidChangeSelection(({ selection }) => {
      const kinds = new Set(selection.map(({ kind }) => kind));
      const [kind] = kinds;
      void commands.executeCommand('setContext', 'ferry.selected', kinds.size === 1 ? kind : undefined);
    }),
  ];
}

/** Above the rows: that not all hosts are shown, and what is wrong with the setting. */
function showWords(view: TreeView<Row>, { problems }: SavedHosts, { text }: HostFilter): void {
  const filtered = text === undefined ? '' : t('Only hosts with “{0}” are shown.', safeText(text, 60));
  view.description = text === undefined ? '' : t('only “{0}”', safeText(text, 60));
  view.message = [filtered, describeProblems(problems)].filter((words) => words !== '').join('\n');
}

function describeProblems([first, ...more]: SavedHosts['problems']): string {
  if (first === undefined) return '';
  if (more.length === 0) return t('In the setting “ferry.hosts”: {0}', safeText(first));
  return t('In the setting “ferry.hosts”: {0} (and {1} more)', safeText(first), more.length);
}
