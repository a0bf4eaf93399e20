import { ThemeIcon, TreeItem, TreeItemCollapsibleState } from 'vscode';
import { t } from '../../core/l10n.ts';
import { type GroupRow, ownRow } from './rows.ts';

const configFile = '~/.ssh/config';

/** The row that the hosts of the ssh config are under. */
export const configRow: GroupRow = ownRow({ kind: 'group', id: configFile });

export function groupItem(row: GroupRow): TreeItem {
  const item = new TreeItem(t('From {0}', row.id), TreeItemCollapsibleState.Expanded);
  item.id = `group:${row.id}`;
  item.iconPath = new ThemeIcon('terminal');
  item.contextValue = 'group.sshConfig';
  item.tooltip = t('The hosts of your ssh config, as it is now. A saved host of the same name takes their place.');
  return item;
}
