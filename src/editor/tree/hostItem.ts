import { ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState } from 'vscode';
import type { Host, Protocol } from '../../core/host.ts';
import { t } from '../../core/l10n.ts';
import type { HostState } from '../../core/pool.ts';
import { safeText } from '../../core/text.ts';
import { UntrustedError } from '../../core/trust.ts';
import { describeError } from '../fileSystemError.ts';
import type { SecretPlace } from '../secrets.ts';

const icons: Readonly<Record<HostState['state'], ThemeIcon>> = {
  disconnected: new ThemeIcon('vm-outline'),
  connecting: new ThemeIcon('loading~spin'),
  waiting: new ThemeIcon('debug-disconnect', new ThemeColor('list.warningForeground')),
  connected: new ThemeIcon('vm-active', new ThemeColor('charts.green')),
  loginNeeded: new ThemeIcon('key', new ThemeColor('list.warningForeground')),
  error: new ThemeIcon('error', new ThemeColor('list.errorForeground')),
};

/** The host's own icon and colour where nothing more important is to be shown. */
function iconOf({ look }: Host, { state }: HostState): ThemeIcon {
  if (state !== 'connected' && state !== 'disconnected') return icons[state];
  const color = look.color === undefined ? icons[state].color : new ThemeColor(`charts.${look.color}`);
  return new ThemeIcon(look.icon ?? icons[state].id, color);
}

/** A host of the ssh config, with what is known of its `place` without connecting. */
export function configuredItem(host: Host, place: SecretPlace | undefined, state: HostState): TreeItem {
  const item = hostItem({ ...host, ...place, protocol: host.protocol }, state);
  item.id = `config:${host.name.toLowerCase()}`;
  item.contextValue = `config${capitalized(item.contextValue ?? '')}`;
  return item;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Without what the row does not tell: drawing it anew takes the rows of its files from under the person's mouse. */
export function asRow(state: HostState): HostState {
  return { ...state, connections: 1, busy: 0 };
}

/** How the row of a host looks, however many connections there are. */
export function hostItem(host: Host, state: HostState): TreeItem {
  const item = new TreeItem(host.name, TreeItemCollapsibleState.Collapsed);
  const description = describeHost(host);
  item.id = host.name.toLowerCase();
  const marks = [
    // An icon of its own does not tell.
    ...(state.state === 'connected' && host.look.icon !== undefined ? [t('connected')] : []),
    ...(host.protect === undefined ? [] : [host.protect === 'readOnly' ? t('read-only') : t('protected')]),
  ];
  item.description = [description, ...marks].join(' · ');
  item.iconPath = iconOf(host, state);
  item.contextValue = `host.${state.error instanceof UntrustedError ? 'untrusted' : state.state}.${host.protocol}`;
  item.tooltip = tooltip(host, state);
  item.accessibilityInformation = { label: [host.name, description, describeState(asRow(state)), ...marks].join(', ') };
  return item;
}

/** A string, never a MarkdownString: an error quotes the server. */
function tooltip(host: Host, state: HostState): string {
  const lines = [host.name, describeHost(host)];
  if (host.root !== undefined) lines.push(t('Folder: {0}', safeText(host.root, 200)));
  lines.push(describeState(asRow(state)));
  if (host.protect === 'ask') lines.push(t('Protected: Ferry asks before the first change in each window.'));
  if (host.protect === 'readOnly') lines.push(t('Protected: read-only.'));
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
