import { EventEmitter, TreeItem, window } from 'vscode';
import type { TreeDataProvider, TreeView } from 'vscode';
import type { Disposable } from '../../core/events.ts';
import { t } from '../../core/l10n.ts';
import type { Pool } from '../../core/pool.ts';
import { safeText } from '../../core/text.ts';
import type { SavedHosts } from '../hosts.ts';
import type { SshConfigHosts } from '../sshConfigHosts.ts';
import { configRow, groupItem } from './groups.ts';
import { createHostDrop } from './hostDrop.ts';
import { createHostRows } from './hostRows.ts';
import type { Row } from './rows.ts';
import { settling } from './settling.ts';

const hostViewId = 'ferry.hosts';

/** The view "Hosts" in the Activity Bar's "Ferry": the saved hosts and those of the ssh config, and how they stand. */
export function createHostTree(hosts: SavedHosts, configured: SshConfigHosts, pool: Pool): Disposable {
  const changes = new EventEmitter<Row | undefined>();
  const rows = createHostRows(hosts, configured, pool);
  const provider: TreeDataProvider<Row> = {
    onDidChangeTreeData: changes.event,
    async getChildren(row) {
      if (row === configRow) return configured.all.map((host) => rows.of(host));
      if (row !== undefined) return [];
      const others = await configured.load();
      return [...hosts.all.map((host) => rows.of(host)), ...(others.length > 0 ? [configRow] : [])];
    },
    getParent: (row) => (row.kind === 'host' && configured.find(row.name) !== undefined ? configRow : undefined),
    getTreeItem: (row) => (row.kind === 'group' ? groupItem(row) : (rows.itemOf(row) ?? new TreeItem(row.name))),
  };
  const dragAndDropController = createHostDrop(hosts);
  const view = window.createTreeView(hostViewId, { treeDataProvider: provider, dragAndDropController, canSelectMany: false });
  showProblems(view, hosts);
  const stateShown = settling((name: string) => {
    const host = hosts.find(name) ?? configured.find(name);
    if (host !== undefined && rows.looksDifferent(host)) changes.fire(rows.of(host));
  });
  const subscriptions: Disposable[] = [
    view,
    changes,
    pool.onDidChangeState(stateShown.soon),
    stateShown,
    configured.onDidChange(() => changes.fire(undefined)),
    hosts.onDidChange(() => {
      showProblems(view, hosts);
      changes.fire(undefined);
    }),
  ];
  return { dispose: () => subscriptions.forEach((subscription) => subscription.dispose()) };
}

function showProblems(view: TreeView<Row>, { problems }: SavedHosts): void {
  const [first, ...more] = problems;
  if (first === undefined) view.message = '';
  else if (more.length === 0) view.message = t('In the setting “ferry.hosts”: {0}', safeText(first));
  else view.message = t('In the setting “ferry.hosts”: {0} (and {1} more)', safeText(first), more.length);
}
