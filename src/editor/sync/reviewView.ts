import { commands, EventEmitter, ThemeIcon, TreeItem, TreeItemCheckboxState, TreeItemCollapsibleState, window } from 'vscode';
import type { TreeDataProvider, TreeView } from 'vscode';
import type { Disposable } from '../../core/events.ts';
import { t } from '../../core/l10n.ts';
import { safeText } from '../../core/text.ts';
import type { SyncAction, SyncReason } from '../../core/sync/decision.ts';
import type { LeftOut } from '../../core/sync/plan.ts';
import { checkedAmong, mayBeChecked, type Review, type ReviewItem } from './review.ts';
import {
  actions,
  describeChosen,
  describeItem,
  describeLeftOut,
  describeSame,
  pathOf,
  reasons,
  titleOfAction,
  titleOfGroup,
  tooltipOf,
} from './wording.ts';

const viewId = 'ferry.sync';

interface ItemRow {
  readonly kind: 'item';
  readonly item: ReviewItem;
}

/** What is to be done alike; in a comparison what differs alike. */
interface GroupRow {
  readonly kind: 'group';
  readonly key: SyncAction | SyncReason | 'leftOut';
}

type ReviewRow = ItemRow | GroupRow | { readonly kind: 'left'; readonly left: LeftOut };

/** The view “Sync”: what a plan would do, with a tick for each row. There only while there is a plan. */
export interface ReviewView extends Disposable {
  /** `title`: of what; undefined: there is no plan any more. */
  show(review: Review | undefined, title: string): Promise<void>;
  focus(): Promise<void>;
  /** Something about its items changed. */
  refresh(): void;
  /** The items of a row of the view that a command was called on, and of those selected along with it. */
  itemsOf(argument: unknown, selected: unknown): readonly ReviewItem[];
}

export function createReviewView(isBusy: () => boolean): ReviewView {
  const changes = new EventEmitter<undefined>();
  let review: Review | undefined;
  let rows = new Map<ReviewItem, ItemRow>();
  const groups = new Map<GroupRow['key'], GroupRow>();
  const keyOf = (item: ReviewItem) => (review?.mode === 'compare' ? item.row.reason : item.action);
  const itemsIn = (key: GroupRow['key']) => review?.items.filter((item) => keyOf(item) === key) ?? [];
  const groupAt = (key: GroupRow['key']): GroupRow => {
    const found = groups.get(key) ?? { kind: 'group', key };
    groups.set(key, found);
    return found;
  };
  const groupsShown = ({ items, leftOut }: Review): GroupRow[] => {
    const keys = new Set(items.map(keyOf));
    const ordered = [...actions, ...reasons].filter((key) => keys.has(key));
    return [...ordered, ...(leftOut.length > 0 ? (['leftOut'] as const) : [])].map(groupAt);
  };

  const provider: TreeDataProvider<ReviewRow> = {
    onDidChangeTreeData: changes.event,
    getChildren(row) {
      if (review === undefined || (row !== undefined && row.kind !== 'group')) return [];
      if (row === undefined) return groupsShown(review);
      if (row.key === 'leftOut') return review.leftOut.map((left) => ({ kind: 'left', left }));
      return itemsIn(row.key).flatMap((item) => rows.get(item) ?? []);
    },
    getTreeItem: (row) => (row.kind === 'group' ? groupItem(row, itemsIn(row.key), review?.leftOut.length ?? 0) : itemOf(row)),
    getParent: (row) => (row.kind === 'item' ? groupAt(keyOf(row.item)) : undefined),
  };
  const view: TreeView<ReviewRow> = window.createTreeView(viewId, {
    ...{ treeDataProvider: provider, canSelectMany: true, manageCheckboxStateManually: true, showCollapseAll: true },
  });
  const refresh = () => {
    view.message = review === undefined ? '' : `${describeChosen(checkedAmong(review.items))} · ${describeSame(review)}`;
    changes.fire(undefined);
  };
  const ticking = view.onDidChangeCheckboxState(({ items }) => {
    for (const [row, state] of isBusy() ? [] : items) {
      const within = row.kind === 'item' ? [row.item] : row.kind === 'group' ? itemsIn(row.key) : [];
      for (const item of within) item.isChecked = state === TreeItemCheckboxState.Checked && mayBeChecked(item);
    }
    refresh();
  });
  return {
    async show(next, title) {
      review = next;
      rows = new Map(next?.items.map((item) => [item, { kind: 'item', item } as const]));
      view.description = title;
      refresh();
      await commands.executeCommand('setContext', 'ferry.syncShown', next !== undefined);
    },
    async focus() {
      await commands.executeCommand(`${viewId}.focus`);
    },
    refresh,
    itemsOf(argument, selected) {
      const group = [...groups.values()].find((known) => known === argument);
      if (group !== undefined) return itemsIn(group.key);
      const among = new Set<unknown>(Array.isArray(selected) && selected.includes(argument) ? selected : [argument]);
      return [...rows].filter(([, row]) => among.has(row)).map(([item]) => item);
    },
    dispose() {
      for (const each of [ticking, view, changes]) each.dispose();
    },
  };
}

function groupItem({ key }: GroupRow, items: readonly ReviewItem[], leftOut: number): TreeItem {
  if (key === 'leftOut') {
    const item = new TreeItem(t('Left out'), TreeItemCollapsibleState.Collapsed);
    item.description = String(leftOut);
    return item;
  }
  const item = new TreeItem(titleOfGroup(key), TreeItemCollapsibleState.Expanded);
  const tickable = items.filter(mayBeChecked);
  const checked = checkedAmong(items).length;
  item.id = `group.${key}`;
  item.description = checked === items.length || tickable.length === 0 ? String(items.length) : t('{0} of {1}', checked, items.length);
  item.contextValue = 'group';
  if (tickable.length > 0) item.checkboxState = stateOf(checked === tickable.length);
  return item;
}

function itemOf(row: Exclude<ReviewRow, { readonly kind: 'group' }>): TreeItem {
  if (row.kind === 'left') {
    const item = new TreeItem(safeText(row.left.relative, 300));
    item.description = describeLeftOut(row.left);
    return item;
  }
  const { item: found } = row;
  const item = new TreeItem(safeText(pathOf(found), 300));
  item.description = describeItem(found);
  item.tooltip = tooltipOf(found);
  item.iconPath = new ThemeIcon(found.error === undefined ? iconOf(found) : 'warning');
  item.contextValue = found.row.reason === 'otherKind' ? 'fixed' : `item.${found.action}`;
  if (mayBeChecked(found)) item.checkboxState = stateOf(found.isChecked);
  if (!found.row.isFolder) item.command = { command: 'ferry.sync.open', title: t('Compare'), arguments: [row] };
  item.accessibilityInformation = { label: `${titleOfAction(found.action)}: ${safeText(pathOf(found), 300)}, ${describeItem(found)}` };
  return item;
}

function iconOf({ action }: ReviewItem): string {
  switch (action) {
    case 'upload':
      return 'cloud-upload';
    case 'download':
      return 'cloud-download';
    case 'deleteHere':
    case 'deleteThere':
      return 'trash';
    case 'conflict':
      return 'git-merge';
  }
}

function stateOf(isChecked: boolean): TreeItemCheckboxState {
  return isChecked ? TreeItemCheckboxState.Checked : TreeItemCheckboxState.Unchecked;
}
