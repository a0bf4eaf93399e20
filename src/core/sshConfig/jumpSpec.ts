import { isAddress, isPort } from '../authority.ts';

/** One hop as it is written: `[user@]host[:port]`, or `ssh://` before it. */
export interface JumpSpec {
  readonly user: string | undefined;
  readonly host: string;
  readonly port: number | undefined;
}

/** Undefined for what names no host. IPv6 addresses with a port stand in brackets. */
export function parseJump(text: string): JumpSpec | undefined {
  const isUri = /^ssh:\/\//i.test(text);
  const plain = isUri ? text.slice(6).replace(/\/$/, '') : text;
  const at = plain.lastIndexOf('@');
  const user = at < 0 ? undefined : readUser(plain.slice(0, at), isUri);
  const place = plain.slice(at + 1);
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(place);
  const host = match?.[1] ?? match?.[2] ?? (isAddress(place) ? place : undefined);
  const port = match?.[3] === undefined ? undefined : Number(match[3]);
  if (host === undefined || !isAddress(host) || (port !== undefined && !isPort(port))) return undefined;
  return user === null ? undefined : { user, host, port };
}

/** Null for what can't be the name of a user. */
function readUser(text: string, isUri: boolean): string | null {
  if (text === '' || text.startsWith('-') || /[\p{Cc}\s]/u.test(text)) return null;
  if (!isUri) return text;
  try {
    return decodeURIComponent(text.split(';')[0] ?? '');
  } catch {
    return null;
  }
}

export function formatJump({ user, host, port }: JumpSpec): string {
  const numeric = host.includes(':') || /^[\d.]+$/.test(host);
  return `${user === undefined ? '' : `${user}@`}${numeric ? `[${host}]` : host}${port === undefined ? '' : `:${port}`}`;
}

/** The hops of a `ProxyJump`, in the order in which they are gone through; undefined for a list that OpenSSH would refuse. */
export function parseJumps(list: string): readonly JumpSpec[] | undefined {
  const jumps = list.split(',').map(parseJump);
  return jumps.every((jump) => jump !== undefined) ? jumps : undefined;
}
