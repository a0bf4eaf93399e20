import { RemoteError } from './errors.ts';
import type { Host, Protocol } from './host.ts';
import { defaultPort, hostDefaults } from './hostDefaults.ts';
import { t } from './l10n.ts';

const hex = '0-9a-fA-F';

/** DNS names, IPv4 and IPv6 literals without brackets: nothing that a command line or a protocol could take for something else. */
export function isAddress(text: string): boolean {
  if (text.includes(':')) return new RegExp(`^[${hex}:]+(?:\\.[0-9.]+)?(?:%[\\w.-]+)?$`).test(text) && text.length <= 100;
  return (/^\w(?:[\w.-]*[\w.])?$/.test(text) || isForeignName(text)) && text.length <= 253;
}

/** Apart, since what knows all letters takes milliseconds to be made, and few names need it. */
function isForeignName(text: string): boolean {
  return /^[\p{L}\p{N}_](?:[\p{L}\p{N}._-]*[\p{L}\p{N}_.])?$/u.test(text);
}

export function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65535;
}

/** Whether a text can be a user's name: anything that is one line. */
export function isUser(text: string): boolean {
  return /^\P{Cc}{1,255}$/u.test(text);
}

/** An unsaved host from the authority of a URI, `[user@]address[:port]`, IPv6 in brackets; the user percent-decoded. Never with a password. */
export function hostFromAuthority(protocol: Protocol, authority: string): Host | RemoteError {
  const at = authority.lastIndexOf('@');
  const user = at < 0 ? undefined : decode(authority.slice(0, at));
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(authority.slice(at + 1));
  const address = match?.[1] ?? match?.[2];
  if (address === undefined || !isAddress(address))
    return bad(t('{0} is not the address of a server.', JSON.stringify(authority.slice(at + 1))));
  if (at >= 0 && (user === undefined || !isUser(user))) return bad(t('The user in the address can not be read.'));
  if (user?.includes(':') === true) return bad(t('An address must not hold a password.'));
  const port = match?.[3] === undefined ? defaultPort(protocol, 'explicit') : Number(match[3]);
  if (!isPort(port)) return bad(t('{0} is not a port: 1 to 65535.', port));
  const defaults = hostDefaults(protocol);
  const named = match?.[3] === undefined || port === defaults.port ? undefined : port;
  // As `ssh` does with an address: what the person's configuration says about it counts.
  const sshConfig = protocol === 'sftp' ? { host: address, address: undefined, port: named } : undefined;
  const sftp = { ...defaults.sftp, sshConfig };
  return { ...defaults, name: authorityOf({ protocol, user, address, port }), address, port, user, sftp };
}

/** The inverse: what names an unsaved host in a URI. The protocol's usual port is left out. */
export function authorityOf({ protocol, user, address, port }: Pick<Host, 'protocol' | 'user' | 'address' | 'port'>): string {
  const login = user === undefined ? '' : `${encodeURIComponent(user)}@`;
  const literal = address.includes(':') ? `[${address}]` : address;
  return `${login}${literal}${port === defaultPort(protocol, 'explicit') ? '' : `:${port}`}`;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function bad(message: string): RemoteError {
  return new RemoteError('BadPath', message, { hint: t('Write it as user@address:port, or use the name of a saved host.') });
}
