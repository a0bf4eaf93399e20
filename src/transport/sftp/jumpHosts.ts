import type { Duplex } from 'node:stream';
import type { ConnectFact } from '../../core/connect.ts';
import { abortError, RemoteError, toRemoteError } from '../../core/errors.ts';
import type { Host } from '../../core/host.ts';
import { t } from '../../core/l10n.ts';
import { safeText } from '../../core/text.ts';
import { UntrustedError } from '../../core/trust.ts';
import { Deadline } from '../deadline.ts';
import { PairedStream } from './pairedStream.ts';
import type { SshLink } from './sshLink.ts';
import { SshLogin } from './sshLogin.ts';
import type { SshTarget } from './sshTarget.ts';
import { openWay, type Route } from './way.ts';

/** A connection to a jump host, with how many tunnels go through it or are about to. */
interface SharedHop {
  readonly link: Promise<SshLink>;
  users: number;
}

/** By all that makes two the same: a hop that is reached another way, or with other keys, is another one. */
const hops = new Map<string, SharedHop>();

/**
 * A connection from a jump host to `to` (RFC 4254 §7.2), as a stream. The connection to the hop is made where there is none, is shared, and
 * ends with its last user. `name`: of the hop, for messages. Rejects with RemoteErrors that name the hop.
 */
export async function openTunnel(hop: SshTarget, name: string, route: Route, to: Pick<Host, 'address' | 'port'>): Promise<Duplex> {
  const key = keyOf(hop);
  for (;;) {
    const known = hops.get(key);
    const shared = known ?? begin(key, hop, name, route);
    shared.users++;
    const leave = once(() => leaveHop(key, shared));
    try {
      const link = await aborting(shared.link, route.context.signal);
      if (known !== undefined) observeHop(route, { name, ms: 0, works: true, said: t('the connection to it is there already') });
      return await forward(link, name, to, route, leave);
    } catch (error) {
      leave();
      const reason = toRemoteError(error);
      // Somebody else gave up what they had begun; nobody asked us.
      if (known !== undefined && reason.code === 'Cancelled' && !route.context.signal.aborted) continue;
      throw reason;
    }
  }
}

function keyOf({ host: { address, port, user, sftp, proxy }, place, way, ...others }: SshTarget): string {
  return JSON.stringify([address.toLowerCase(), port, user, sftp, proxy, place.address, place.port, way, others]);
}

function begin(key: string, hop: SshTarget, name: string, route: Route): SharedHop {
  const link = logIn(hop, name, route);
  const shared: SharedHop = { link, users: 0 };
  const forget = (): void => {
    if (hops.get(key) === shared) hops.delete(key);
  };
  hops.set(key, shared);
  link.then(({ lost }) => void lost.then(forget), forget);
  return shared;
}

function leaveHop(key: string, shared: SharedHop): void {
  shared.users--;
  if (shared.users > 0) return;
  if (hops.get(key) === shared) hops.delete(key);
  shared.link.then(
    (link) => link.close(new RemoteError('Cancelled', t('The connection was ended.'))),
    () => {},
  );
}

async function logIn(target: SshTarget, name: string, route: Route): Promise<SshLink> {
  const { context, hostName } = route;
  const station = t('the jump host {0}', safeText(name, 100));
  const way = await openWay(target, route);
  const began = performance.now();
  const took = (): number => performance.now() - began;
  try {
    const login = new SshLogin({
      ...{ target, hostName, station, context, connect: way.connect },
      patience: target.patience ?? route.patience,
    });
    const link = await login.run((link) => Promise.resolve(link));
    observeHop(route, { name, ms: took(), works: true, said: link.ident ?? '' });
    void link.lost.then(way.release);
    return link;
  } catch (error) {
    way.release();
    const reason = toRemoteError(error);
    observeHop(route, { name, ms: took(), works: false, said: reason.message, hint: reason.hint });
    throw named(reason, station);
  }
}

function observeHop({ context }: Route, fact: Omit<Extract<ConnectFact, { readonly kind: 'station' }>, 'kind' | 'what'>): void {
  context.observe?.({ kind: 'station', what: 'jumpHost', ...fact });
}

/** The same failure, in words that say where on the way it happened. */
function named(error: RemoteError, station: string): RemoteError {
  if (error instanceof UntrustedError || error.code === 'Cancelled') return error;
  const { code, hint, retryable, dropsConnection, cause } = error;
  const message = t('{0}: {1}', station.charAt(0).toUpperCase() + station.slice(1), error.message);
  return new RemoteError(code, message, { hint, retryable, dropsConnection, cause });
}

async function forward(link: SshLink, name: string, to: Pick<Host, 'address' | 'port'>, route: Route, leave: () => void): Promise<Duplex> {
  const late = (): RemoteError =>
    new RemoteError(
      'Unreachable',
      t('The jump host {0} does not come through to {1}, port {2}.', safeText(name, 100), to.address, to.port),
      {
        hint: t('Check the address and port; a firewall may be between the two.'),
      },
    );
  const deadline = new Deadline(route.patience, route.context.signal, late);
  try {
    return await opened(link, name, to, deadline.signal, leave);
  } catch (error) {
    const { message: said, hint } = toRemoteError(error);
    observeHop(route, { name, ms: 0, works: false, said, hint });
    throw error;
  } finally {
    deadline.end();
  }
}

function opened(link: SshLink, name: string, to: Pick<Host, 'address' | 'port'>, signal: AbortSignal, leave: () => void): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const lost = (): void => settle(() => reject(link.signal.reason as RemoteError));
    const aborted = (): void => settle(() => reject(abortError(signal)));
    let settled = false;
    const settle = (how: () => void): void => {
      if (settled) return;
      settled = true;
      link.signal.removeEventListener('abort', lost);
      signal.removeEventListener('abort', aborted);
      how();
    };
    link.signal.addEventListener('abort', lost, { once: true });
    signal.addEventListener('abort', aborted, { once: true });
    if (link.signal.aborted) lost();
    else if (signal.aborted) aborted();
    else {
      link.client.forwardOut('127.0.0.1', 0, to.address, to.port, (error, channel) => {
        if (error !== undefined) settle(() => reject(refused(error, name, to)));
        else if (settled) channel.close();
        else {
          const stream = new PairedStream(channel, channel, () => {
            channel.close();
            leave();
          });
          link.signal.addEventListener('abort', () => stream.destroy(), { once: true });
          settle(() => resolve(stream));
        }
      });
    }
  });
}

/** RFC 4254 §5.1: the reasons why a channel is not opened. */
function refused(error: Error & { readonly reason?: unknown }, name: string, to: Pick<Host, 'address' | 'port'>): RemoteError {
  const hop = safeText(name, 100);
  const details = { cause: error, dropsConnection: true };
  if (error.reason === 1)
    return new RemoteError(
      'Unreachable',
      t('The jump host {0} refused to pass a connection on to {1}, port {2}.', hop, to.address, to.port),
      {
        ...details,
        hint: t('Ask its administrator to allow forwarding (AllowTcpForwarding, PermitOpen).'),
        retryable: false,
      },
    );
  if (error.reason === 4) return new RemoteError('Busy', t('The jump host {0} has no room for another connection.', hop), details);
  const said = safeText(error.message.replace(/^\(SSH\) Channel open failure: /, ''), 200);
  return new RemoteError('Unreachable', t('The jump host {0} can’t reach {1}, port {2}: {3}', hop, to.address, to.port, said), {
    ...details,
    hint: t('Check the address as the jump host sees it, and the port.'),
  });
}

function aborting<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(abortError(signal));
    if (signal.aborted) {
      abort();
      return;
    }
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    work();
  };
}
