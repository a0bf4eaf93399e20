import type { Host, Protocol } from '../core/host.ts';
import { isAddress, isPort, isUser } from '../core/authority.ts';
import { hostFields } from '../core/hostFields.ts';
import type { HostKey } from '../core/hostFields.ts';
import { hostFromAuthority, parseHosts } from '../core/hosts.ts';
import { RemoteError } from '../core/errors.ts';
import { t } from '../core/l10n.ts';
import { normalize } from '../core/path.ts';
import type { HostItem } from './settings.ts';

/** What the wizard asks for: a host in the words of its steps. Empty texts stand for what was left out. */
export interface HostDraft {
  kind: HostKind;
  address: string;
  port: string;
  user: string;
  login: Login;
  keyFile: string;
  root: string;
  name: string;
  /** The host of the ssh config that is followed; then nothing of where and how is asked. */
  sshConfigHost: string;
  /** Hosts to go through, with commas between. */
  jump: string;
  proxy: string;
}

export type HostKind = 'sftp' | 'ftps' | 'ftpsImplicit' | 'ftp';
/** How SFTP logs in. `usual`: agent and the usual keys, then a password, like OpenSSH; `openssh`: by the person's own `ssh`. */
export type Login = 'usual' | 'password' | 'key' | 'agent' | 'openssh' | 'asConfigured';

const hostKinds: readonly HostKind[] = ['sftp', 'ftps', 'ftpsImplicit', 'ftp'];
export const defaultPorts: Readonly<Record<HostKind, number>> = { sftp: 22, ftps: 21, ftpsImplicit: 990, ftp: 21 };

function protocolOf(kind: HostKind): Protocol {
  return kind === 'ftpsImplicit' ? 'ftps' : kind;
}

export function emptyDraft(): HostDraft {
  return {
    kind: 'sftp',
    address: '',
    port: '',
    user: '',
    login: 'usual',
    keyFile: '',
    root: '',
    name: '',
    sshConfigHost: '',
    jump: '',
    proxy: '',
  };
}

const text = (value: unknown) => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');

/** The draft that shows an item of the settings. */
export function draftOf(item: HostItem): HostDraft {
  const kind =
    item['protocol'] === 'ftps' && item['tls'] === 'implicit' ? 'ftpsImplicit' : hostKinds.find((known) => known === item['protocol']);
  const keys: unknown = item['privateKeys'];
  const [keyFile] = Array.isArray(keys) ? (keys as unknown[]) : [];
  return {
    kind: kind ?? 'sftp',
    address: text(item['address']),
    port: text(item['port']),
    user: text(item['user']),
    login: loginOf(item),
    keyFile: text(keyFile),
    root: text(item['root']),
    name: text(item['name']),
    sshConfigHost: text(item['sshConfigHost']),
    jump: jumpsText(item['jump']),
    proxy: text(item['proxy']),
  };
}

function jumpsText(value: unknown): string {
  return Array.isArray(value) ? (value as unknown[]).filter((hop) => typeof hop === 'string').join(', ') : '';
}

function loginOf({ client, privateKeys: keys, agent }: HostItem): Login {
  if (client === 'openssh') return keys === undefined && agent === undefined ? 'openssh' : 'asConfigured';
  if (keys === undefined) return agent === undefined || agent === true ? 'usual' : 'asConfigured';
  if (!Array.isArray(keys) || keys.length > 1) return 'asConfigured';
  if (keys.length === 1) return agent === undefined || agent === true ? 'key' : 'asConfigured';
  if (agent === false) return 'password';
  return agent === undefined || agent === true ? 'agent' : 'asConfigured';
}

/** The item of the settings that the draft stands for; fields of `old` that no step asks for are kept, if they mean something for the protocol. */
export function itemOf(draft: HostDraft, old: HostItem = {}): HostItem {
  if (draft.sshConfigHost !== '') return followingItem(draft, old);
  const login = draft.kind === 'sftp' && draft.login !== 'asConfigured';
  const asked = [...askedAlways, 'tls', 'address', 'port', 'user', ...(login ? ['client', 'privateKeys', 'agent'] : [])];
  const means = (key: string) => {
    const field: { only?: readonly Protocol[] } | undefined = Object.hasOwn(hostFields, key) ? hostFields[key as HostKey] : undefined;
    return field?.only?.includes(protocolOf(draft.kind)) ?? true;
  };
  const kept = Object.fromEntries(Object.entries(old).filter(([key]) => !asked.includes(key) && means(key)));
  return {
    name: draft.name,
    protocol: protocolOf(draft.kind),
    ...(draft.kind === 'ftpsImplicit' && { tls: 'implicit' }),
    address: draft.address,
    ...(draft.port !== '' && Number(draft.port) !== defaultPorts[draft.kind] && { port: Number(draft.port) }),
    ...(draft.user !== '' && { user: draft.user }),
    ...(draft.root !== '' && { root: normalize(draft.root) }),
    ...reachFields(draft),
    ...(login && loginFields(draft)),
    ...kept,
  };
}

const askedAlways = ['name', 'protocol', 'root', 'sshConfigHost', 'jump', 'proxy'];

function followingItem(draft: HostDraft, old: HostItem): HostItem {
  const asked = [...askedAlways, ...(draft.login === 'asConfigured' ? [] : ['client'])];
  const kept = Object.fromEntries(Object.entries(old).filter(([key]) => !asked.includes(key)));
  const client = draft.login === 'openssh' ? { client: 'openssh' } : {};
  const root = draft.root === '' ? {} : { root: normalize(draft.root) };
  return { name: draft.name, protocol: 'sftp', sshConfigHost: draft.sshConfigHost, ...root, ...client, ...reachFields(draft), ...kept };
}

function reachFields({ kind, jump, proxy }: HostDraft): HostItem {
  const hops = jumpsIn(jump);
  return { ...(kind === 'sftp' && hops.length > 0 && { jump: hops }), ...(proxy !== '' && { proxy }) };
}

function jumpsIn(text: string): readonly string[] {
  return text
    .split(',')
    .map((hop) => hop.trim())
    .filter((hop) => hop !== '');
}

function loginFields({ login, keyFile }: HostDraft): HostItem {
  switch (login) {
    case 'password':
      return { privateKeys: [], agent: false };
    case 'key':
      return { privateKeys: [keyFile] };
    case 'agent':
      return { privateKeys: [] };
    case 'openssh':
      return { client: 'openssh' };
    case 'usual':
    case 'asConfigured':
      return {};
  }
}

/** The host of a complete item; throws `Unsupported` with what is wrong. */
export function hostOf(item: HostItem): Host {
  const { hosts, problems } = parseHosts([item]);
  const [host] = hosts;
  if (host === undefined) throw new RemoteError('Unsupported', problems.join(' '));
  return host;
}

/** What is wrong with an answer, or undefined. */
export const complaints = {
  address(value: string): string | undefined {
    if (value.trim() === '') return t('Enter the name or IP address of the server.');
    return isAddress(bareAddress(value)) ? undefined : t('This is no server name or IP address.');
  },
  port: (value: string): string | undefined =>
    value === '' || (/^\d{1,5}$/.test(value) && isPort(Number(value))) ? undefined : t('Enter a number from 1 to 65535.'),
  user: (value: string): string | undefined =>
    value.trim() === '' || isUser(value.trim()) ? undefined : t('This can not be a user name.'),
  root: (value: string): string | undefined =>
    value === '' || hostFields.root.read(value) !== undefined
      ? undefined
      : t('Enter a folder from the root on, like /var/www, or nothing.'),
  jump: (value: string): string | undefined =>
    hostFields.jump.read(jumpsIn(value)) === undefined
      ? t('Enter names of saved hosts or addresses like user@bastion:22, with commas between.')
      : undefined,
  proxy(value: string): string | undefined {
    if (value.trim() === '' || hostFields.proxy.read(value.trim()) !== undefined) return undefined;
    return t('Enter an address like socks5://user@proxy:1080 or http://proxy:3128, without a password; or vscode.');
  },
  name(value: string, taken: readonly string[]): string | undefined {
    if (value.trim() === '') return t('Enter a name for the host.');
    if (taken.some((name) => name.toLowerCase() === value.trim().toLowerCase())) return t('There is a host of this name already.');
    if (hostFields.name.read(value.trim()) !== undefined) return undefined;
    return t('Use letters, digits, “.”, “_” and “-”, beginning with a letter or digit.');
  },
};

/** An address as settings hold it: an IPv6 literal without the brackets that URIs need. */
export function bareAddress(value: string): string {
  return value.trim().replace(/^\[(.*)\]$/, '$1');
}

/** A name for the host that nobody has yet, made of its address. */
export function suggestName(address: string, taken: readonly string[]): string {
  const plain = address.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
  const base = plain === '' ? 'host' : plain.slice(0, 50);
  const isTaken = (name: string) => taken.some((other) => other.toLowerCase() === name.toLowerCase());
  if (!isTaken(base)) return base;
  for (let number = 2; ; number++) if (!isTaken(`${base}-${number}`)) return `${base}-${number}`;
}

/** What an address that was typed or pasted says. `password` is to be kept as a secret at once, and nowhere else. */
export interface PastedAddress {
  readonly kind: HostKind;
  readonly user: string;
  readonly password: string | undefined;
  readonly address: string;
  /** Empty: the usual one. */
  readonly port: string;
  /** Empty: none was given. */
  readonly path: string;
}

const kindsByScheme: Readonly<Record<string, HostKind>> = {
  sftp: 'sftp',
  ssh: 'sftp',
  ftp: 'ftp',
  ftps: 'ftps',
  ftpes: 'ftps',
};

/** Undefined if it is no `sftp://`, `ftp://` or `ftps://` address. A password may hold `@` and `:`, and `/` as `%2F`. */
export function parsePasted(pasted: string): PastedAddress | undefined {
  const [, scheme = '', rest = ''] = /^([a-z]+):\/\/(.*)$/i.exec(pasted.trim()) ?? [];
  const kind = kindsByScheme[scheme.toLowerCase()];
  if (kind === undefined || !Object.hasOwn(kindsByScheme, scheme.toLowerCase())) return undefined;
  const at = rest.split('/', 1).join('').lastIndexOf('@');
  const login = at < 0 ? '' : rest.slice(0, at);
  const [, address = '', port = '', path = ''] = /^(\[[^\]]*\]|[^:/?#]*)(?::(\d*))?(\/.*)?$/.exec(rest.slice(at + 1)) ?? [];
  const colon = login.indexOf(':');
  const bare = address.replace(/^\[|\]$/g, '');
  if (bare === '') return undefined;
  return {
    kind: kind === 'ftps' && port === '990' ? 'ftpsImplicit' : kind,
    user: decode(colon < 0 ? login : login.slice(0, colon)),
    password: colon < 0 ? undefined : decode(login.slice(colon + 1)),
    address: bare,
    port,
    path: path === '' ? '' : decode(path),
  };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The unsaved host that a pasted address names; throws what is wrong with it. */
export function hostOfPasted({ kind, user, address, port }: PastedAddress): Host {
  const server = address.includes(':') ? `[${address}]` : address;
  const authority = `${user === '' ? '' : `${encodeURIComponent(user)}@`}${server}${port === '' ? '' : `:${port}`}`;
  const host = hostFromAuthority(protocolOf(kind), authority);
  if (host instanceof RemoteError) throw host;
  return host;
}
