import { isAddress, isPort, isUser } from './authority.ts';
import type { SecretOwner } from './prompts.ts';

export const proxyKinds = ['socks4', 'socks4a', 'socks5', 'http', 'https'] as const;

/** A proxy to go through. Holds no secret. */
export interface ProxyAddress {
  readonly kind: (typeof proxyKinds)[number];
  /** As in `Host`. */
  readonly address: string;
  readonly port: number;
  /** Undefined: it wants no login. */
  readonly user: string | undefined;
}

/** `vscode`: the one of VS Code's own setting `http.proxy`; none where that is empty. */
export type ProxySetting = ProxyAddress | 'vscode';

const usualPorts: Readonly<Record<ProxyAddress['kind'], number>> = { socks4: 1080, socks4a: 1080, socks5: 1080, http: 80, https: 443 };

/** Other ways to write them: with `h`, the proxy looks up names, which is so for all but `socks4` here. */
const schemes: Readonly<Record<string, ProxyAddress['kind']>> = {
  ...{ socks4: 'socks4', socks4a: 'socks4a', socks5: 'socks5', socks5h: 'socks5', socks: 'socks5' },
  ...{ http: 'http', https: 'https' },
};

export interface ParsedProxy {
  readonly proxy: ProxyAddress;
  /** Not to be kept anywhere. */
  readonly password: string | undefined;
}

/** `scheme://[user[:password]@]host[:port]`; undefined for anything else. */
export function parseProxy(text: string): ParsedProxy | undefined {
  const match = /^([a-z0-9]+):\/\/(?:([^@/]*)@)?(?:\[([^\]]+)\]|([^:/@[\]]+))(?::(\d{1,5}))?\/?$/i.exec(text.trim());
  const scheme = match?.[1]?.toLowerCase() ?? '';
  const kind = Object.hasOwn(schemes, scheme) ? schemes[scheme] : undefined;
  const address = match?.[3] ?? match?.[4];
  if (kind === undefined || address === undefined || !isAddress(address)) return undefined;
  const port = match?.[5] === undefined ? usualPorts[kind] : Number(match[5]);
  const login = match?.[2];
  const colon = login?.indexOf(':') ?? -1;
  const user = login === undefined ? undefined : decode(colon < 0 ? login : login.slice(0, colon));
  const password = login === undefined || colon < 0 ? undefined : decode(login.slice(colon + 1));
  if (!isPort(port) || user === null || password === null || (user !== undefined && !isUser(user))) return undefined;
  return { proxy: { kind, address, port, user }, password };
}

export function formatProxy({ kind, address, port, user }: ProxyAddress): string {
  const login = user === undefined ? '' : `${encodeURIComponent(user)}@`;
  return `${kind}://${login}${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/** What the password of a proxy belongs to; undefined where it wants none. */
export function proxyOwner(proxy: ProxySetting | undefined): SecretOwner | undefined {
  if (proxy === undefined || proxy === 'vscode' || proxy.user === undefined) return undefined;
  const { kind: protocol, user, address, port } = proxy;
  return { protocol, user, address, port };
}

/** Whether one of the patterns of VS Code's `http.noProxy` takes a server: a domain with all below it, `host:port`, or `*`. */
export function isUnproxied(address: string, port: number, patterns: readonly string[]): boolean {
  const name = address.toLowerCase();
  return patterns.some((pattern) => {
    const [, host = '', at] = /^\.*(.*?)(?::(\d{1,5}))?$/.exec(pattern.trim().toLowerCase()) ?? [];
    if (at !== undefined && Number(at) !== port) return false;
    return host === '*' || (host !== '' && (name === host || name.endsWith(`.${host.replace(/^\*\./, '')}`)));
  });
}

/** Null for what is not encoded rightly. */
function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
