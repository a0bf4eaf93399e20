import { defaultPort, hostDefaults } from '../hostDefaults.ts';
import type { Protocol } from '../host.ts';
import { type HostKey, hostFields } from '../hostFields.ts';
import { groupOfFolders } from '../hostLook.ts';
import { parseHosts } from '../hosts.ts';
import { t } from '../l10n.ts';
import { normalize } from '../path.ts';
import { formatProxy, type ProxyAddress } from '../proxy.ts';
import { formatJump } from '../sshConfig/jumpSpec.ts';
import { safeText } from '../text.ts';
import type { ImportedHost, ImportedSecret, SecretPlace } from './imported.ts';
import { localFile } from './localFile.ts';

/** A jump host in another tool's words. */
export interface ImportedHop {
  readonly user: string | undefined;
  readonly address: string;
  readonly port: number | undefined;
  readonly password?: string | undefined;
  readonly place?: SecretPlace | undefined;
  /** It has a private key of its own. */
  readonly hasKey: boolean;
}

/** A host that is put together from what another tool's file says; what can't be a value of Ferry's is left out, and said. */
export class HostSketch {
  readonly #label: string;
  readonly #folders: readonly string[];
  readonly #item = new Map<HostKey, unknown>();
  readonly #secrets: ImportedSecret[] = [];
  readonly #notes: string[] = [];

  constructor(label: string, folders: readonly string[] = []) {
    this.#label = label;
    this.#folders = folders;
  }

  /** Undefined and empty texts stand for nothing. */
  set(key: HostKey, value: unknown): void {
    if (value === undefined || value === null || value === '') return;
    const read = hostFields[key].read(value);
    if (read === undefined) this.note(t('“{0}” is left out: {1} is not {2}.', key, quoted(value), hostFields[key].expected()));
    else this.#item.set(key, key === 'root' ? normalize(value as string) : value);
  }

  note(sentence: string): void {
    if (!this.#notes.includes(sentence)) this.#notes.push(sentence);
  }

  /** A user name; one that is a variable of the tool's is not looked up. */
  user(name: string | undefined): void {
    if (name === undefined || !/^[$%]/.test(name)) this.set('user', name);
    else this.note(t('The user name {0} is a variable: Ferry asks for the name.', quoted(name)));
  }

  /** As PuTTY and WinSCP number them: 0 either, 1 IPv4, 2 IPv6. */
  family(number: number | undefined): void {
    this.set('addressFamily', { 1: 'inet', 2: 'inet6' }[number ?? 0]);
  }

  /** A folder on the server; anything but an absolute one means where the log-in starts. */
  root(folder: string | undefined): void {
    if (folder === undefined || /^\.?\/?$/.test(folder)) {
      if (folder === '/') this.set('root', '/');
      return;
    }
    if (folder.startsWith('/')) this.set('root', folder);
    else this.note(t('The folder {0} is left out: it is not one from the root on.', quoted(folder)));
  }

  /** The file of a private key; its path in Ferry's form, or undefined where it can't be one. */
  key(path: string | undefined): string | undefined {
    if (path === undefined || path === '') return undefined;
    if (path.includes('-----BEGIN') || path.includes('\n')) {
      this.note(t('The private key in the file is not taken over: save it as a file of its own and name that in “privateKeys”.'));
      return undefined;
    }
    const file = localFile(path);
    if (file === undefined) this.note(t('The key file {0} is left out: its path is not a whole one.', quoted(path)));
    else this.set('privateKeys', [file]);
    return file;
  }

  agent(value: string | boolean | undefined): void {
    if (value === false) this.set('agent', false);
    // What everybody means by these is what Ferry does by itself.
    if (typeof value !== 'string' || value === '' || /^(?:pageant|\$\{?(?:env:)?SSH_AUTH_SOCK\}?)$/i.test(value)) return;
    const file = localFile(value);
    if (file === undefined) this.note(t('The SSH agent {0} is left out: its path is not a whole one.', quoted(value)));
    else this.set('agent', file);
  }

  password(value: string | undefined, place?: SecretPlace): void {
    if (value !== undefined && value !== '') this.#secrets.push({ kind: 'password', value, place });
  }

  passphrase(value: string | undefined, file: string | undefined, place?: SecretPlace): void {
    if (value !== undefined && value !== '' && file !== undefined) this.#secrets.push({ kind: 'passphrase', value, file, place });
  }

  /** The hosts to go through, in this order. */
  jump(given: readonly ImportedHop[]): void {
    if (given.length === 0) return;
    // A variable of the tool's is no user.
    const hops = given.map((hop) => (/^[$%]/.test(hop.user ?? '') ? { ...hop, user: undefined } : hop));
    const jumps = hops.map(({ user, address, port }) => formatJump({ user: user === '' ? undefined : user, host: address, port }));
    if (hostFields.jump.read(jumps) === undefined) {
      this.note(t('The way to it over {0} is left out: Ferry can not go it.', quoted(jumps.join(', '))));
      return;
    }
    this.set('jump', jumps);
    for (const { user, address, port = defaultPort('sftp', 'explicit'), password, place } of hops) {
      if (user === undefined || user === '' || password === undefined || password === '') continue;
      this.#secrets.push({ kind: 'password', value: password, owner: { protocol: 'sftp', user, address, port }, place });
    }
    if (hops.some(({ hasKey }) => hasKey))
      this.note(t('The key for the jump host is left out: name it in your ssh config, or save that host too.'));
  }

  /** What to go through first. */
  proxy(proxy: ProxyAddress, password: string | undefined, place?: SecretPlace): void {
    const text = formatProxy(proxy);
    if (hostFields.proxy.read(text) === undefined) {
      this.note(t('Its proxy {0} is left out: this is no address.', quoted(proxy.address)));
      return;
    }
    this.set('proxy', text);
    const { kind: protocol, user, address, port } = proxy;
    if (user !== undefined && password !== undefined && password !== '')
      this.#secrets.push({ kind: 'password', value: password, owner: { protocol, user, address, port }, place });
  }

  /** The host, or why it is none. */
  finish(): ImportedHost | string {
    const protocol = this.#item.get('protocol') as Protocol | undefined;
    if (protocol === undefined || !this.#item.has('address')) return t('{0}: there is no server address in it.', quoted(this.#label));
    if (this.#item.has('proxy') && this.#item.get('mode') === 'active') {
      this.#item.delete('mode');
      this.note(t('Active mode is left out, as no server can connect back through a proxy.'));
    }
    // The proxy looks the name up.
    if (this.#item.has('proxy')) this.#item.delete('addressFamily');
    const item = Object.fromEntries([...this.#item].filter(([key, value]) => means(key, value, protocol)));
    const group = groupOfFolders(this.#folders);
    if (group !== undefined) item['group'] = group;
    const { hosts, problems } = parseHosts([{ ...item, name: 'host' }]);
    if (hosts.length === 0) return `${quoted(this.#label)}: ${safeText(problems.join(' '))}`;
    const mayLogIn = this.#item.has('user');
    if (!mayLogIn && this.#secrets.some(({ owner }) => owner === undefined))
      this.note(t('Its password is left out, as there is no user name for it.'));
    const secrets = this.#secrets.filter(({ owner }) => mayLogIn || owner !== undefined);
    return { label: this.#label, folders: this.#folders, item, secrets, notes: this.#notes };
  }
}

/** Whether a value says more than nothing for hosts of that protocol. */
function means(key: HostKey, value: unknown, protocol: Protocol): boolean {
  const field: { readonly only?: readonly Protocol[] } = hostFields[key];
  if (field.only?.includes(protocol) === false) return false;
  if (key === 'charset') return !/^utf-?8$/i.test(String(value));
  return key !== 'connections' || value !== hostDefaults(protocol).connections;
}

/** A text of the file as a message may hold it. */
export function quoted(value: unknown): string {
  return `“${safeText(typeof value === 'string' ? value : JSON.stringify(value), 80)}”`;
}
