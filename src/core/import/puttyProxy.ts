import { t } from '../l10n.ts';
import type { ProxyAddress } from '../proxy.ts';
import type { HostSketch } from './hostSketch.ts';
import type { SecretPlace } from './imported.ts';

/** PuTTY's numbers for kinds of proxies, which WinSCP has too; others run a command or speak Telnet. */
const kinds: ReadonlyMap<string, ProxyAddress['kind']> = new Map([
  ['1', 'socks4'],
  ['2', 'socks5'],
  ['3', 'http'],
]);

const usualPort = 80;

/** The proxy of a session; `of` gives its values, empty for what is not there. */
export function readPuttyProxy(
  sketch: HostSketch,
  of: (key: string) => string,
  { password, place }: { readonly password: string | undefined; readonly place: SecretPlace | undefined },
): void {
  const method = of('ProxyMethod');
  if (method === '' || method === '0') return;
  const kind = kinds.get(method);
  if (kind === undefined) sketch.note(t('Its proxy is left out: Ferry does not go through one of that kind.'));
  else
    sketch.proxy(
      { kind, address: of('ProxyHost'), port: Number(of('ProxyPort')) || usualPort, user: of('ProxyUsername') || undefined },
      password,
      place,
    );
}
