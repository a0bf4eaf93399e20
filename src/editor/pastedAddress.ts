import { hostFromAuthority } from '../core/authority.ts';
import { RemoteError } from '../core/errors.ts';
import type { Host, Protocol } from '../core/host.ts';

/** Protocol and kind of TLS, as a person chooses them. */
export type HostKind = 'sftp' | 'ftps' | 'ftpsImplicit' | 'ftp';

export function protocolOf(kind: HostKind): Protocol {
  return kind === 'ftpsImplicit' ? 'ftps' : kind;
}

/** An address as settings hold it: an IPv6 literal without the brackets that URIs need. */
export function bareAddress(value: string): string {
  return value.trim().replace(/^\[(.*)\]$/, '$1');
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
