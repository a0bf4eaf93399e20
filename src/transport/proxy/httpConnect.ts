import type { ProxyAddress } from '../../core/proxy.ts';
import { safeText } from '../../core/text.ts';
import type { Handshake } from './handshake.ts';
import { type Destination, notProxy, ProxyLoginRefused, proxyRefused } from './proxyErrors.ts';

/** More than any proxy says before it connects. */
const mostHeaders = 32 * 1024;

/** CONNECT of RFC 9110 §9.3.6, with the Basic login of RFC 7617 where the host names a user. */
export async function connectHttp(
  handshake: Handshake,
  proxy: ProxyAddress,
  to: Destination,
  password: () => Promise<string>,
): Promise<void> {
  const place = `${to.address.includes(':') ? `[${to.address}]` : to.address}:${to.port}`;
  const login = proxy.user === undefined ? [] : [`Proxy-Authorization: Basic ${credentials(proxy.user, await password())}`];
  handshake.send([`CONNECT ${place} HTTP/1.1`, `Host: ${place}`, ...login, '', ''].join('\r\n'));
  const reply = await handshake.readUntil('\r\n\r\n', mostHeaders);
  const status = /^HTTP\/1\.[01] (\d{3}) ?([^\r\n]*)/.exec(reply ?? '');
  if (status === null) throw notProxy(proxy);
  const code = Number(status[1]);
  if (code >= 200 && code < 300) return;
  if (code === 407) throw new ProxyLoginRefused(proxy);
  throw proxyRefused(proxy, to, `${code} ${safeText(status[2] ?? '', 120)}`.trim(), code >= 500);
}

function credentials(user: string, password: string): string {
  return Buffer.from(`${user}:${password}`).toString('base64');
}
