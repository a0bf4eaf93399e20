import { commands, EventEmitter, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState, window } from 'vscode';
import type { TreeDataProvider } from 'vscode';
import type { Disposable } from '../../core/events.ts';
import { t } from '../../core/l10n.ts';
import { basename } from '../../core/path.ts';
import { safeText } from '../../core/text.ts';
import type { TransferGroup, TransferItem, TransferState } from '../../core/transfers/item.ts';
import type { TransferQueue } from '../../core/transfers/queue.ts';
import type { LiveFile, LiveGroup, ShowGroup } from './liveGroup.ts';
import { describeFiles, describeGroupRow, describeItem, describeItemInFull, verbOf } from './queueText.ts';

/** A row of the view; only rows that it made are taken from a command's arguments. */
export type TransferRow = { readonly group: number } | { readonly item: number } | LiveRow;

/** A group that is not of the queue, or a file of one. */
interface LiveRow {
  readonly live: LiveGroup;
  readonly file?: LiveFile;
}

export interface TransferTree extends Disposable {
  /** Of a command's argument; undefined for what is no row. */
  rowOf(argument: unknown): TransferRow | undefined;
  /** Beside the groups of the queue. */
  readonly show: ShowGroup;
  /** Those that are shown so. */
  readonly live: readonly LiveGroup[];
}

/** Between two drawings, in ms. */
const pace = 250;
/** Of a group; what is done comes last. */
const mostRows = 300;

const icons: Readonly<Record<TransferState, readonly [string, string?]>> = {
  queued: ['clock'],
  running: ['sync~spin'],
  paused: ['debug-pause'],
  failed: ['error', 'list.errorForeground'],
  done: ['check'],
  skipped: ['debug-step-over'],
};

/** The view “Transfers”, which is there as long as there is something in the queue, or brought beside it. */
export function createTransferTree(queue: TransferQueue): TransferTree {
  const drawn = new EventEmitter<undefined>();
  const rows = new Map<number, TransferRow>();
  const live = new Map<LiveGroup, LiveRow>();
  const known = new WeakSet<object>();
  let timer: NodeJS.Timeout | undefined;
  let isShown = false;

  const rowFor = (id: number, make: () => TransferRow): TransferRow => {
    const row = rows.get(id) ?? make();
    rows.set(id, row);
    known.add(row);
    return row;
  };
  const groupOf = (id: number) => queue.groups.find((group) => group.id === id);
  const provider: TreeDataProvider<TransferRow> = {
    onDidChangeTreeData: drawn.event,
    getChildren(row) {
      if (row === undefined) return [...live.values(), ...queue.groups.map(({ id }) => rowFor(id, () => ({ group: id })))];
      if ('live' in row) return row.file === undefined ? row.live.files.slice(0, mostRows).map((file) => ({ live: row.live, file })) : [];
      return 'item' in row ? [] : shownOf(groupOf(row.group)).map(({ id }) => rowFor(id, () => ({ item: id })));
    },
    getTreeItem(row) {
      if ('live' in row) return row.file === undefined ? liveItem(row.live) : liveFileItem(row.live, row.file);
      if ('group' in row) return groupItem(queue, groupOf(row.group), row.group);
      const item = queue.groups.flatMap(({ items }) => items).find(({ id }) => id === row.item);
      return item === undefined ? new TreeItem('') : itemRow(item);
    },
  };
  const view = window.createTreeView('ferry.transfers', { treeDataProvider: provider, canSelectMany: false, showCollapseAll: true });
  const draw = () => {
    timer = undefined;
    const has = queue.groups.length + live.size > 0;
    if (has !== isShown) void commands.executeCommand('setContext', 'ferry.hasTransfers', has);
    isShown = has;
    const ids = new Set(queue.groups.flatMap(({ id, items }) => [id, ...items.map((item) => item.id)]));
    for (const id of rows.keys()) if (!ids.has(id)) rows.delete(id);
    view.badge = badgeOf(queue, [...live.keys()]);
    drawn.fire(undefined);
  };
  const soon = () => (timer ??= setTimeout(draw, pace));
  const listening = queue.onDidChange(soon);
  return {
    rowOf: (argument) => (typeof argument === 'object' && argument !== null && known.has(argument) ? (argument as TransferRow) : undefined),
    get live() {
      return [...live.keys()];
    },
    show(group, onDidChange) {
      const row = { live: group };
      known.add(row);
      live.set(group, row);
      const following = onDidChange(soon);
      soon();
      return {
        dispose() {
          following.dispose();
          live.delete(group);
          soon();
        },
      };
    },
    dispose() {
      clearTimeout(timer);
      for (const each of [listening, drawn, view]) each.dispose();
    },
  };
}

function badgeOf(queue: TransferQueue, live: readonly LiveGroup[]): { readonly value: number; readonly tooltip: string } | undefined {
  const queued = queue.groups.flatMap(({ items }) => items).filter(({ state }) => state !== 'done' && state !== 'skipped').length;
  const open = live.reduce((sum, { progress: { files, filesDone } }) => sum + files - filesDone, queued);
  return open === 0 ? undefined : { value: open, tooltip: t('{0} files are to be transferred', open) };
}

function shownOf(group: TransferGroup | undefined): readonly TransferItem[] {
  const items = group?.items ?? [];
  const isOver = ({ state }: TransferItem) => state === 'done' || state === 'skipped';
  return [...items.filter((item) => !isOver(item)), ...items.filter(isOver)].slice(0, mostRows);
}

function groupItem(queue: TransferQueue, group: TransferGroup | undefined, id: number): TreeItem {
  const title = group === undefined ? '' : `${verbOf(group.direction)} ${safeText(group.title, 100)}`;
  const item = new TreeItem(title, TreeItemCollapsibleState.Collapsed);
  const states = new Set(group?.items.map(({ state }) => state));
  const state = (['running', 'queued', 'paused', 'failed'] as const).find((each) => states.has(each)) ?? 'done';
  item.id = `group ${id}`;
  item.description = describeGroupRow(queue.progress(id), state === 'paused');
  item.iconPath = iconOf(state);
  item.contextValue = `group.${state}`;
  return item;
}

function itemRow(transfer: TransferItem): TreeItem {
  const item = new TreeItem(safeText(basename(transfer.to.path), 200));
  item.id = `item ${transfer.id}`;
  item.description = describeItem(transfer);
  item.tooltip = describeItemInFull(transfer);
  item.iconPath = iconOf(transfer.state);
  item.contextValue = `item.${transfer.state}`;
  return item;
}

function liveItem({ title, progress: { files, filesDone } }: LiveGroup): TreeItem {
  const item = new TreeItem(title, TreeItemCollapsibleState.Collapsed);
  item.description = describeFiles(filesDone, files);
  item.iconPath = iconOf('running');
  item.contextValue = 'live';
  return item;
}

function liveFileItem({ title }: LiveGroup, { id, name, hostName, isRunning }: LiveFile): TreeItem {
  const item = new TreeItem(safeText(basename(name), 200));
  item.id = `live ${title} ${id}`;
  item.description = isRunning ? '' : t('waits');
  item.tooltip = t('{0} to {1}', safeText(name, 400), safeText(hostName, 100));
  item.iconPath = iconOf(isRunning ? 'running' : 'queued');
  return item;
}

function iconOf(state: TransferState): ThemeIcon {
  const [name, color] = icons[state];
  return new ThemeIcon(name, color === undefined ? undefined : new ThemeColor(color));
}
