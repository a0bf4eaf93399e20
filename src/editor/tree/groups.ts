import { ThemeIcon, TreeItem, TreeItemCollapsibleState } from 'vscode';
import type { Memento } from 'vscode';
import type { Host } from '../../core/host.ts';
import { groupAbove, groupName } from '../../core/hostLook.ts';
import { groupsIn } from '../../core/hostOrder.ts';
import { t } from '../../core/l10n.ts';
import { safeText } from '../../core/text.ts';
import { type GroupRow, ownRow } from './rows.ts';

const configFile = '~/.ssh/config';

/** The row that the hosts of the ssh config are under. */
export const configRow: GroupRow = ownRow({ kind: 'group', id: configFile, path: undefined });

/** The person's groups of saved hosts. */
export interface GroupRows {
  /** Those right within `outer` that hold any of the hosts; undefined: the outermost ones. */
  within(outer: string | undefined, hosts: readonly Host[]): readonly GroupRow[];
  readonly of: (path: string) => GroupRow;
  parentOf(row: GroupRow): GroupRow | undefined;
  itemOf(row: GroupRow): TreeItem;
  /** The person opened or closed it: so it is shown from now on, also in other windows. */
  noteExpanded(row: GroupRow, isExpanded: boolean): void;
}

const collapsedKey = 'collapsedGroups';
/** So many closed groups are remembered. */
const most = 500;

export function createGroupRows(state: Memento): GroupRows {
  const rows = new Map<string, GroupRow>();
  const collapsed = new Set(state.get<readonly string[]>(collapsedKey, []));
  const of = (path: string): GroupRow => {
    const row = rows.get(path) ?? ownRow({ kind: 'group', id: `group/${path}`, path });
    rows.set(path, row);
    return row;
  };
  return {
    of,
    within: (outer, hosts) =>
      groupsIn(
        hosts.map(({ look }) => look.group),
        outer,
      ).map(of),
    parentOf({ path }) {
      const above = path === undefined ? undefined : groupAbove(path);
      return above === undefined ? undefined : of(above);
    },
    itemOf: (row) => (row.path === undefined ? configItem(row, collapsed.has(row.id)) : groupItem(row.path, row, collapsed.has(row.id))),
    noteExpanded({ id }, isExpanded) {
      if (isExpanded) collapsed.delete(id);
      else collapsed.add(id);
      void state.update(collapsedKey, [...collapsed].slice(-most));
    },
  };
}

function stateOf(isCollapsed: boolean): TreeItemCollapsibleState {
  return isCollapsed ? TreeItemCollapsibleState.Collapsed : TreeItemCollapsibleState.Expanded;
}

function configItem(row: GroupRow, isCollapsed: boolean): TreeItem {
  const item = new TreeItem(t('From {0}', row.id), stateOf(isCollapsed));
  item.id = `group:${row.id}`;
  item.iconPath = new ThemeIcon('terminal');
  item.contextValue = 'group.sshConfig';
  item.tooltip = t('The hosts of your ssh config, as it is now. A saved host of the same name takes their place.');
  return item;
}

function groupItem(path: string, row: GroupRow, isCollapsed: boolean): TreeItem {
  const item = new TreeItem(safeText(groupName(path), 80), stateOf(isCollapsed));
  item.id = `group:${row.id}`;
  item.iconPath = new ThemeIcon('folder-library');
  item.contextValue = 'group.own';
  item.tooltip = safeText(path, 400);
  item.accessibilityInformation = { label: t('Group {0}', safeText(groupName(path), 80)) };
  return item;
}
