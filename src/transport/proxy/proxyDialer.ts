import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { ConnectContext } from '../../core/connect.ts';
import { abortError, RemoteError, toRemoteError } from '../../core/errors.ts';
import type { Host } from '../../core/host.ts';
import { t } from '../../core/l10n.ts';
import { formatProxy, isUnproxied, parseProxy, type ParsedProxy, type ProxyAddress } from '../../core/proxy.ts';
import type { Deadline } from '../deadline.ts';
import { Handshake } from './handshake.ts';
import { connectHttp } from './httpConnect.ts';
import { type Destination, ProxyLoginRefused, proxyUnreachable } from './proxyErrors.ts';
import { connectSocks4, connectSocks5 } from './socks.ts';

/** Makes connections through the proxy of one host, control and data connections alike; asks for its password once. */
export interface ProxyDialer {
  /** Resolves with a socket that is connected to `to`; nothing of what it says is lost. Rejects with RemoteErrors. */
  dial(to: Destination, signal: AbortSignal, deadline?: Deadline): Promise<Socket>;
}

/** So often a password is asked for. */
const tries = 3;

/** Undefined for a host without a proxy. `hostName`: whom the person knows as the one to be connected to. */
export function proxyDialer(
  host: Pick<Host, 'proxy' | 'address' | 'port'>,
  hostName: string,
  context: ConnectContext,
): ProxyDialer | undefined {
  const parsed = proxyOf(host, context);
  return parsed === undefined ? undefined : new Dialer(parsed, hostName, context);
}

function proxyOf({ proxy, address, port }: Pick<Host, 'proxy' | 'address' | 'port'>, { reach }: ConnectContext): ParsedProxy | undefined {
  if (proxy !== 'vscode') return proxy && { proxy, password: undefined };
  const text = reach?.editorProxy ?? '';
  if (text === '' || isUnproxied(address, port, reach?.editorNoProxy ?? [])) return undefined;
  const parsed = parseProxy(text);
  if (parsed !== undefined) return parsed;
  throw new RemoteError('Unreachable', t('VS Code’s setting “http.proxy” is no address of a proxy.'), { retryable: false });
}

class Dialer implements ProxyDialer {
  readonly #proxy: ProxyAddress;
  readonly #hostName: string;
  readonly #context: ConnectContext;
  #password: string | undefined;

  constructor({ proxy, password }: ParsedProxy, hostName: string, context: ConnectContext) {
    this.#proxy = proxy;
    this.#password = password;
    this.#hostName = hostName;
    this.#context = context;
  }

  async dial(to: Destination, signal: AbortSignal, deadline?: Deadline): Promise<Socket> {
    const began = performance.now();
    const observe = (works: boolean, said: string, hint?: string): void => {
      const { kind, address, port } = this.#proxy;
      const name = formatProxy({ kind, address, port, user: undefined });
      this.#context.observe?.({ kind: 'station', what: 'proxy', name, ms: performance.now() - began, works, said, hint });
    };
    try {
      const socket = await this.#dial(to, signal, deadline);
      observe(true, t('it connected to {0}, port {1}', to.address, to.port));
      return socket;
    } catch (error) {
      const { message, hint } = toRemoteError(error);
      observe(false, message, hint);
      throw error;
    }
  }

  async #dial(to: Destination, signal: AbortSignal, deadline: Deadline | undefined): Promise<Socket> {
    for (let refusals = 0; ;) {
      const used = { password: false };
      const password = async (): Promise<string> => {
        used.password = true;
        return (this.#password ??= await this.#ask(refusals > 0, signal, deadline));
      };
      try {
        return await this.#attempt(to, signal, password);
      } catch (error) {
        const again = error instanceof ProxyLoginRefused && used.password && ++refusals < tries && deadline !== undefined;
        this.#password = used.password && error instanceof ProxyLoginRefused ? undefined : this.#password;
        if (!again) throw error;
      }
    }
  }

  async #attempt(to: Destination, signal: AbortSignal, password: () => Promise<string>): Promise<Socket> {
    const proxy = this.#proxy;
    this.#context.log.debug(`Through ${formatProxy({ ...proxy, user: undefined })} to ${to.address}:${to.port}`);
    const socket = await open(proxy, signal);
    const handshake = new Handshake(socket, proxy, signal);
    try {
      if (proxy.kind === 'http' || proxy.kind === 'https') await connectHttp(handshake, proxy, to, password);
      else if (proxy.kind === 'socks5') await connectSocks5(handshake, proxy, to, password);
      else await connectSocks4(handshake, proxy, to);
      return socket;
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }

  async #ask(refused: boolean, signal: AbortSignal, deadline: Deadline | undefined): Promise<string> {
    const { kind, address, port, user = '' } = this.#proxy;
    const owner = { protocol: kind, user, address, port };
    const station = t('the proxy {0}', `${address}:${port}`);
    const request = { hostName: this.#hostName, owner, station, kind: 'password', refused, signal } as const;
    const question = () => this.#context.prompts.secret({ ...request, silent: deadline === undefined });
    const answer = deadline === undefined ? await question() : await deadline.whileAsking(question);
    if (answer === undefined) throw new RemoteError('Cancelled', t('The log-in was cancelled.'));
    return answer;
  }
}

/** The connection to the proxy itself; with TLS where that is its kind, and its certificate has to be one that this computer trusts. */
function open(proxy: ProxyAddress, signal: AbortSignal): Promise<Socket> {
  const { address: host, port } = proxy;
  return new Promise((resolve, reject) => {
    const socket: Socket | TLSSocket =
      proxy.kind === 'https'
        ? connectTls({ host, port, ...(isIP(host) === 0 && { servername: host }) })
        : connect({ host, port, autoSelectFamily: true, noDelay: true, keepAlive: true });
    const ready = proxy.kind === 'https' ? 'secureConnect' : 'connect';
    const settle = (error?: RemoteError): void => {
      signal.removeEventListener('abort', onAbort);
      socket.off(ready, onReady).off('error', onError);
      // It may break while nobody waits for it; whoever uses it next finds it closed.
      socket.on('error', () => {});
      if (error === undefined) {
        resolve(socket);
        return;
      }
      socket.destroy();
      reject(error);
    };
    const onAbort = (): void => settle(abortError(signal));
    const onReady = (): void => settle();
    const onError = (error: Error): void => settle(proxyUnreachable(proxy, error));
    socket.on(ready, onReady).on('error', onError);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
