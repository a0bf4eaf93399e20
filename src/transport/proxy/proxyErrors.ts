import { RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import type { ProxyAddress } from '../../core/proxy.ts';
import { safeText } from '../../core/text.ts';

/** Where a connection through a proxy leads to. */
export interface Destination {
  readonly address: string;
  readonly port: number;
}

const nameOf = ({ address, port }: ProxyAddress): string => `${address}:${port}`;

/** The proxy itself can't be reached, or breaks off. */
export function proxyUnreachable(proxy: ProxyAddress, error: NodeJS.ErrnoException | undefined): RemoteError {
  const why = error === undefined ? t('it closed the connection') : safeText(error.code ?? error.message, 120);
  return new RemoteError('Unreachable', t('The proxy {0} can’t be reached: {1}.', nameOf(proxy), why), {
    hint: t('Check “proxy” of the host and the network.'),
    cause: error,
  });
}

export function notProxy(proxy: ProxyAddress): RemoteError {
  return new RemoteError('Unreachable', t('What answers at {0} is not a proxy of the kind “{1}”.', nameOf(proxy), proxy.kind), {
    hint: t('Check “proxy” of the host: its kind, address and port.'),
    retryable: false,
  });
}

/** The proxy does not pass the connection on. `why`: plain words, or the proxy's own through `safeText`. */
export function proxyRefused(proxy: ProxyAddress, to: Destination, why: string, retryable: boolean): RemoteError {
  return new RemoteError(
    'Unreachable',
    t('The proxy {0} did not connect to {1}, port {2}: {3}.', nameOf(proxy), to.address, to.port, why),
    {
      hint: t('Check the address and port; or the proxy does not let this through.'),
      retryable,
    },
  );
}

/** The login at the proxy was refused. */
export class ProxyLoginRefused extends RemoteError {
  constructor(proxy: ProxyAddress) {
    const named = proxy.user !== undefined;
    super('Auth', t('The proxy {0} refused the log-in.', nameOf(proxy)), {
      hint: named
        ? t('Check the user name in “proxy” of the host, and the password.')
        : t('It wants a user: write user@ in “proxy” of the host.'),
    });
  }
}
