import { commands, EventEmitter, TreeItem, window } from 'vscode';
import type { Memento, TreeDataProvider, TreeView } from 'vscode';
import type { Disposable } from '../../core/events.ts';
import { t } from '../../core/l10n.ts';
import type { Pool } from '../../core/pool.ts';
import { safeText } from '../../core/text.ts';
import type { RegisterCommand } from '../command.ts';
import type { SavedHosts } from '../hosts.ts';
import type { SshConfigHosts } from '../sshConfigHosts.ts';
import { configRow, createGroupRows } from './groups.ts';
import { createHostDrop } from './hostDrop.ts';
import { createHostFilter, type HostFilter } from './hostFilter.ts';
import { registerHostGroupCommands } from './hostGroupCommands.ts';
import { createHostRows } from './hostRows.ts';
import type { GroupRow, Row } from './rows.ts';
import { settling } from './settling.ts';

const hostViewId = 'ferry.hosts';

export interface HostTreeParts {
  readonly hosts: SavedHosts;
  readonly configured: SshConfigHosts;
  readonly pool: Pool;
  readonly register: RegisterCommand;
  /** Remembers which groups are closed. */
  readonly state: Memento;
}

/** The view "Hosts" in the Activity Bar's "Ferry": the saved hosts in their groups and those of the ssh config, and how they stand. */
export function createHostTree({ hosts, configured, pool, register, state }: HostTreeParts): Disposable {
  const changes = new EventEmitter<Row | undefined>();
  const rows = createHostRows(hosts, configured, pool);
  const groups = createGroupRows(state);
  const filter = createHostFilter();
  const savedIn = (path: string | undefined): Row[] => {
    const shown = hosts.all.filter(filter.matches);
    return [...groups.within(path, shown), ...shown.filter(({ look }) => look.group === path).map(rows.of)];
  };
  const provider: TreeDataProvider<Row> = {
    onDidChangeTreeData: changes.event,
    async getChildren(row) {
      if (row === configRow) return configured.all.filter(filter.matches).map(rows.of);
      if (row !== undefined) return row.kind === 'group' ? savedIn(row.path) : [];
      const others = (await configured.load()).filter(filter.matches);
      return [...savedIn(undefined), ...(others.length > 0 ? [configRow] : [])];
    },
    getParent: (row) => (row.kind === 'group' ? groups.parentOf(row) : groupOf(row.name)),
    getTreeItem: (row) => (row.kind === 'group' ? groups.itemOf(row) : (rows.itemOf(row) ?? new TreeItem(row.name))),
  };
  const groupOf = (name: string): GroupRow | undefined => {
    const path = hosts.find(name)?.look.group;
    if (path !== undefined) return groups.of(path);
    return configured.find(name) === undefined ? undefined : configRow;
  };
  const dragAndDropController = createHostDrop(hosts);
  const view = window.createTreeView(hostViewId, { treeDataProvider: provider, dragAndDropController, canSelectMany: true });
  showProblems(view, hosts);
  const stateShown = settling((name: string) => {
    const host = hosts.find(name) ?? configured.find(name);
    if (host !== undefined && rows.looksDifferent(host)) changes.fire(rows.of(host));
  });
  const subscriptions: Disposable[] = [
    ...[view, changes, stateShown, filter],
    registerHostGroupCommands({ register, hosts, filter, selection: () => view.selection }),
    ...followView(view, (row, isExpanded) => groups.noteExpanded(row, isExpanded)),
    pool.onDidChangeState(stateShown.soon),
    configured.onDidChange(() => changes.fire(undefined)),
    filter.onDidChange(() => {
      showFilter(view, filter);
      changes.fire(undefined);
    }),
    hosts.onDidChange(() => {
      showProblems(view, hosts);
      changes.fire(undefined);
    }),
  ];
  return { dispose: () => subscriptions.forEach((subscription) => subscription.dispose()) };
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

function showFilter(view: TreeView<Row>, { text }: HostFilter): void {
  view.description = text === undefined ? '' : t('only “{0}”', safeText(text, 60));
}

function showProblems(view: TreeView<Row>, { problems }: SavedHosts): void {
  const [first, ...more] = problems;
  if (first === undefined) view.message = '';
  else if (more.length === 0) view.message = t('In the setting “ferry.hosts”: {0}', safeText(first));
  else view.message = t('In the setting “ferry.hosts”: {0} (and {1} more)', safeText(first), more.length);
}
