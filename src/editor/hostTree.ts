import { EventEmitter, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState, window } from 'vscode';
import type { TreeDataProvider, TreeView } from 'vscode';
import type { Disposable } from '../core/events.ts';
import type { Host, Protocol } from '../core/host.ts';
import { t } from '../core/l10n.ts';
import type { HostState, Pool } from '../core/pool.ts';
import { safeText } from '../core/text.ts';
import { UntrustedError } from '../core/trust.ts';
import { describeError } from './fileSystemError.ts';
import { createHostDrop } from './hostTreeDrop.ts';
import type { SavedHosts } from './hosts.ts';
import type { SecretPlace } from './secrets.ts';
import type { SshConfigHosts } from './sshConfigHosts.ts';

/** A row of the view; commands of its menu receive it. */
export interface HostRow {
  readonly name: string;
}

/** The row that the hosts of the ssh config are under. */
const configRow = { name: '~/.ssh/config', isGroup: true } as const;

type Row = HostRow | typeof configRow;

/** The rows that this view made: an argument that is none of them comes from somebody else. */
const made = new WeakSet<object>();

export function isHostRow(argument: unknown): argument is HostRow {
  return typeof argument === 'object' && argument !== null && made.has(argument);
}

const hostViewId = 'ferry.hosts';

const icons: Readonly<Record<HostState['state'], ThemeIcon>> = {
  disconnected: new ThemeIcon('vm-outline'),
  connecting: new ThemeIcon('loading~spin'),
  waiting: new ThemeIcon('debug-disconnect', new ThemeColor('list.warningForeground')),
  connected: new ThemeIcon('vm-active', new ThemeColor('charts.green')),
  loginNeeded: new ThemeIcon('key', new ThemeColor('list.warningForeground')),
  error: new ThemeIcon('error', new ThemeColor('list.errorForeground')),
};

/** The view "Hosts" in the Activity Bar's "Ferry": the saved hosts and those of the ssh config, and how they stand. */
export function createHostTree(hosts: SavedHosts, configured: SshConfigHosts, pool: Pool): Disposable {
  const changes = new EventEmitter<Row | undefined>();
  const rows = createRows();
  const provider: TreeDataProvider<Row> = {
    onDidChangeTreeData: changes.event,
    async getChildren(row) {
      if (row === configRow) return configured.all.map((host) => rows.of(host));
      if (row !== undefined) return [];
      const others = await configured.load();
      return [...hosts.all.map((host) => rows.of(host)), ...(others.length > 0 ? [configRow] : [])];
    },
    getParent: (row) => (row !== configRow && configured.find(row.name) !== undefined ? configRow : undefined),
    getTreeItem(row) {
      if (row === configRow) return groupItem();
      const host = hosts.find(row.name);
      if (host !== undefined) return treeItem(host, pool.state(host.name));
      const found = configured.find(row.name);
      return found === undefined ? new TreeItem(row.name) : configuredItem(found, configured.placeOf(row.name), pool.state(found.name));
    },
  };
  const dragAndDropController = createHostDrop(hosts);
  const view = window.createTreeView(hostViewId, { treeDataProvider: provider, dragAndDropController, canSelectMany: false });
  showProblems(view, hosts);
  const stateShown = settling((name) => {
    const host = hosts.find(name) ?? configured.find(name);
    if (host !== undefined && rows.looksDifferent(host, pool.state(host.name))) changes.fire(rows.of(host));
  });
  const subscriptions: Disposable[] = [
    view,
    changes,
    pool.onDidChangeState(stateShown.soon),
    { dispose: () => stateShown.cancel() },
    configured.onDidChange(() => changes.fire(undefined)),
    hosts.onDidChange(() => {
      showProblems(view, hosts);
      changes.fire(undefined);
    }),
  ];
  return { dispose: () => subscriptions.forEach((subscription) => subscription.dispose()) };
}

/** A connection that is replaced within this time, in ms, makes no row flicker. */
const settlingTime = 200;

/** Calls `show` with each name that changed, once things have come to rest. */
function settling(show: (name: string) => void) {
  const names = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  return {
    soon: (name: string) => {
      names.add(name);
      timer ??= setTimeout(() => {
        timer = undefined;
        const changed = [...names];
        names.clear();
        changed.forEach(show);
      }, settlingTime);
    },
    cancel: () => clearTimeout(timer),
  };
}

/** One row object for each host, as VS Code tells rows apart by identity, and what it showed last. */
function createRows() {
  const rows = new Map<string, HostRow>();
  const shown = new Map<string, string>();
  return {
    of({ name }: Host): HostRow {
      const row = rows.get(name) ?? { name };
      rows.set(name, row);
      made.add(row);
      return row;
    },
    /** The pool also tells each task that begins or ends; a row shows less than that. */
    looksDifferent({ name }: Host, { error, ...rest }: HostState): boolean {
      const look = JSON.stringify([{ ...rest, busy: 0 }, error?.message]);
      const before = shown.get(name);
      shown.set(name, look);
      return look !== before;
    },
  };
}

function showProblems(view: TreeView<Row>, { problems }: SavedHosts): void {
  const [first, ...more] = problems;
  if (first === undefined) view.message = '';
  else if (more.length === 0) view.message = t('In the setting “ferry.hosts”: {0}', safeText(first));
  else view.message = t('In the setting “ferry.hosts”: {0} (and {1} more)', safeText(first), more.length);
}

function groupItem(): TreeItem {
  const item = new TreeItem(t('From {0}', configRow.name), TreeItemCollapsibleState.Expanded);
  item.id = `group:${configRow.name}`;
  item.iconPath = new ThemeIcon('terminal');
  item.contextValue = 'group.sshConfig';
  item.tooltip = t('The hosts of your ssh config, as it is now. A saved host of the same name takes their place.');
  return item;
}

function configuredItem(host: Host, place: SecretPlace | undefined, state: HostState): TreeItem {
  const item = treeItem({ ...host, ...place, protocol: host.protocol }, state);
  item.id = `config:${host.name.toLowerCase()}`;
  item.contextValue = `config${capitalized(item.contextValue ?? '')}`;
  return item;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function treeItem(host: Host, state: HostState): TreeItem {
  const item = new TreeItem(host.name);
  const description = describeHost(host);
  item.id = host.name.toLowerCase();
  item.description = description;
  item.iconPath = icons[state.state];
  item.contextValue = `host.${state.error instanceof UntrustedError ? 'untrusted' : state.state}.${host.protocol}`;
  item.tooltip = tooltip(host, state);
  item.accessibilityInformation = { label: `${host.name}, ${description}, ${describeState(state)}` };
  return item;
}

/** A string, never a MarkdownString: an error quotes the server. */
function tooltip(host: Host, state: HostState): string {
  const lines = [host.name, describeHost(host)];
  if (host.root !== undefined) lines.push(t('Folder: {0}', safeText(host.root, 200)));
  lines.push(describeState(state));
  if (state.error !== undefined) lines.push(safeText(describeError(state.error), 800));
  return lines.join('\n');
}

const protocolNames: Readonly<Record<Protocol, string>> = { sftp: 'SFTP', ftp: 'FTP', ftps: 'FTPS' };
const usualPorts: Readonly<Record<Protocol, number>> = { sftp: 22, ftp: 21, ftps: 21 };

/** Protocol, user, address and, unless it is the usual one, the port. */
export function describeHost({ protocol, user, address, port }: Host): string {
  const server = address.includes(':') ? `[${address}]` : address;
  const place = `${user === undefined ? '' : `${user}@`}${server}${port === usualPorts[protocol] ? '' : `:${port}`}`;
  return `${protocolNames[protocol]} · ${safeText(place, 200)}`;
}

/** One line without the reason of a failure, which is shown where there is room for it. */
export function describeState({ state, connections, attempt = 1, retryAt }: HostState): string {
  switch (state) {
    case 'disconnected':
      return t('Not connected');
    case 'connecting':
      return attempt === 1 ? t('Connecting…') : t('Connecting, attempt {0}…', attempt);
    case 'waiting':
      return t('Not connected; attempt {0} at {1}', attempt + 1, new Date(retryAt ?? 0).toLocaleTimeString());
    case 'connected':
      return connections === 1 ? t('Connected') : t('Connected, {0} connections', connections);
    case 'loginNeeded':
      return t('Log-in needed');
    case 'error':
      return t('Not connected because of an error');
  }
}
