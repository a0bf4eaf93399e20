import { RemoteError } from '../core/errors.ts';
import type { Host, Protocol } from '../core/host.ts';
import { hostFields } from '../core/hostFields.ts';
import type { HostKey } from '../core/hostFields.ts';
import { parseHosts } from '../core/hosts.ts';
import { normalize } from '../core/path.ts';
import { jumpsIn } from './hostAnswers.ts';
import { protocolOf, type HostKind } from './pastedAddress.ts';
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

/** How SFTP logs in. `usual`: agent and the usual keys, then a password, like OpenSSH; `openssh`: by the person's own `ssh`. */
export type Login = 'usual' | 'password' | 'key' | 'agent' | 'openssh' | 'asConfigured';

const hostKinds: readonly HostKind[] = ['sftp', 'ftps', 'ftpsImplicit', 'ftp'];
export const defaultPorts: Readonly<Record<HostKind, number>> = { sftp: 22, ftps: 21, ftpsImplicit: 990, ftp: 21 };

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

/** What the steps of the wizard ask for, of any host. */
export const askedInSteps: readonly string[] = [
  ...['name', 'protocol', 'tls', 'address', 'port', 'user', 'root'],
  ...['client', 'privateKeys', 'agent', 'sshConfigHost', 'jump', 'proxy'],
];

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
