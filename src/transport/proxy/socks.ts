import { lookup } from 'node:dns/promises';
import { isIP, isIPv4, isIPv6 } from 'node:net';
import { RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import type { ProxyAddress } from '../../core/proxy.ts';
import type { Handshake } from './handshake.ts';
import { type Destination, notProxy, ProxyLoginRefused, proxyRefused } from './proxyErrors.ts';

/** RFC 1928 §6. */
const reasons: Readonly<Record<number, () => string>> = {
  1: () => t('it failed in a way that it does not tell'),
  2: () => t('its rules do not allow it'),
  3: () => t('the network can’t be reached'),
  4: () => t('the host can’t be reached'),
  5: () => t('nothing answers there'),
  6: () => t('the host did not answer in time'),
  7: () => t('it makes no connections'),
  8: () => t('it does not know this kind of address'),
};

/** SOCKS 5 (RFC 1928), with a user name and password (RFC 1929) where the proxy wants them. Names are looked up by the proxy. */
export async function connectSocks5(
  handshake: Handshake,
  proxy: ProxyAddress,
  to: Destination,
  password: () => Promise<string>,
): Promise<void> {
  const methods = proxy.user === undefined ? [0] : [0, 2];
  handshake.send(Uint8Array.from([5, methods.length, ...methods]));
  const [version, method] = await handshake.read(2);
  if (version !== 5) throw notProxy(proxy);
  if (method === 2 && proxy.user !== undefined) await logIn(handshake, proxy, proxy.user, await password());
  else if (method !== 0) throw new ProxyLoginRefused(proxy);
  handshake.closing = () => proxyRefused(proxy, to, t('it closed the connection'), true);
  handshake.send(Buffer.concat([Uint8Array.from([5, 1, 0]), addressOf(to.address), portOf(to.port)]));
  const [, reply = 1, , kind] = await handshake.read(4);
  if (reply !== 0) throw proxyRefused(proxy, to, (reasons[reply] ?? reasons[1])?.() ?? '', reply !== 2);
  const length = kind === 1 ? 4 : kind === 4 ? 16 : kind === 3 ? ((await handshake.read(1))[0] ?? 0) : undefined;
  if (length === undefined) throw notProxy(proxy);
  await handshake.read(length + 2);
}

async function logIn(handshake: Handshake, proxy: ProxyAddress, user: string, password: string): Promise<void> {
  const [name, secret] = [Buffer.from(user), Buffer.from(password)];
  if (name.length > 255 || secret.length > 255 || secret.length === 0) throw new ProxyLoginRefused(proxy);
  handshake.send(Buffer.concat([Uint8Array.from([1, name.length]), name, Uint8Array.from([secret.length]), secret]));
  const [, status] = await handshake.read(2);
  if (status !== 0) throw new ProxyLoginRefused(proxy);
}

/** SOCKS 4 knows IPv4 addresses only, which are looked up here; 4a lets the proxy look names up. There is a user name, and no password. */
export async function connectSocks4(handshake: Handshake, proxy: ProxyAddress, to: Destination): Promise<void> {
  if (isIPv6(to.address)) throw proxyRefused(proxy, to, t('SOCKS 4 has no IPv6; use SOCKS 5'), false);
  const named = proxy.kind === 'socks4a' && isIP(to.address) === 0;
  const address = named ? '0.0.0.1' : await lookUpIPv4(to.address);
  const bytes = Uint8Array.from(address.split('.').map(Number));
  const user = Buffer.from(`${proxy.user ?? ''}\0`);
  const name = Buffer.from(named ? `${to.address}\0` : '');
  handshake.closing = () => proxyRefused(proxy, to, t('it closed the connection'), true);
  handshake.send(Buffer.concat([Uint8Array.from([4, 1]), portOf(to.port), bytes, user, name]));
  const [zero, reply] = await handshake.read(8);
  if (zero !== 0) throw notProxy(proxy);
  if (reply === 92 || reply === 93) throw new ProxyLoginRefused(proxy);
  if (reply !== 90) throw proxyRefused(proxy, to, t('it refused or failed'), true);
}

async function lookUpIPv4(name: string): Promise<string> {
  if (isIPv4(name)) return name;
  try {
    return (await lookup(name, { family: 4 })).address;
  } catch (error) {
    throw new RemoteError('Unreachable', t('The name {0} could not be looked up.', name), {
      hint: t('With “socks4a” or “socks5” the proxy looks names up.'),
      cause: error,
    });
  }
}

function addressOf(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from([1, ...address.split('.').map(Number)]);
  if (isIPv6(address)) return Buffer.concat([Uint8Array.from([4]), ipv6Bytes(address)]);
  const name = Buffer.from(address);
  return Buffer.concat([Uint8Array.from([3, name.length]), name]);
}

function ipv6Bytes(address: string): Buffer {
  const plain = (address.split('%')[0] ?? '').replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...parts: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = parts.slice(0, 4).map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  const [head = '', tail] = plain.split('::');
  const groups = (text: string): string[] => text.split(':').filter((group) => group !== '');
  const [before, after] = [groups(head), groups(tail ?? '')];
  const all = tail === undefined ? before : [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after];
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function portOf(port: number): Uint8Array {
  return Uint8Array.from([port >> 8, port & 255]);
}
