import type { Socket } from 'node:net';
import { isRemoteError, RemoteError } from '../../core/errors.ts';
import type { Host } from '../../core/host.ts';
import { t } from '../../core/l10n.ts';
import type { ProxyDialer } from '../proxy/proxyDialer.ts';
import { type DataMode, NoDataConnection, type Opening } from './dataOpening.ts';

/** Of a passive connection that a proxy makes to the host's own address: what a reply names is not gone to. */
export function proxiedOpening(mode: DataMode, proxy: ProxyDialer, to: Pick<Host, 'address' | 'port'>, patience: number): Opening {
  const ended = new AbortController();
  let socket: Socket | undefined;
  return {
    mode,
    async connect(signal) {
      const timer = setTimeout(() => ended.abort(new NoDataConnection(t('the proxy did not answer in time'))), patience);
      try {
        socket = await proxy.dial(to, AbortSignal.any([signal, ended.signal]));
        return socket;
      } catch (error) {
        throw isRemoteError(error, 'Unreachable') && !(error instanceof NoDataConnection)
          ? new NoDataConnection(error.message, error)
          : error;
      } finally {
        clearTimeout(timer);
      }
    },
    cancel() {
      ended.abort(new RemoteError('Cancelled', t('The connection was ended.')));
      socket?.destroy();
    },
  };
}
