import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ConnectContext } from '../../core/connect.ts';
import { RemoteError } from '../../core/errors.ts';
import type { Host } from '../../core/host.ts';
import { t } from '../../core/l10n.ts';
import { safeText } from '../../core/text.ts';
import { Deadline } from '../deadline.ts';
import { proxyDialer } from '../proxy/proxyDialer.ts';
import { connectInSlabs } from '../slabReads.ts';
import { openTunnel } from './jumpHosts.ts';
import { openProxyCommand } from './proxyCommand.ts';
import { describeTarget, type SshTarget } from './sshTarget.ts';

/** The connection to a server, before SSH begins on it. */
export interface Way {
  /** Called at most once. What is wrong with the connection shows on the stream. */
  readonly connect: () => Duplex;
  /** Gives back what the connection stands on; to be called when it is over. May be called more than once. */
  readonly release: () => void;
}

/** What is known about the way to a host while it is made, hop by hop. */
export interface Route {
  /** The host at the end of it all. */
  readonly hostName: string;
  readonly context: ConnectContext;
  readonly patience: number;
  /** The servers whose way is being made, outermost first: none of them can be a hop of itself. */
  readonly before: readonly string[];
}

/** More hops one after another than this are a mistake. */
const longestRoute = 16;

/** Makes the way to a server, all hops before it logged in to. Rejects with RemoteErrors that name the hop. */
export async function openWay(target: SshTarget, route: Route): Promise<Way> {
  const { way, host, family, localAddress } = target;
  switch (way.kind) {
    case 'direct': {
      const proxied = await throughProxy(target, route);
      if (proxied !== undefined) return { connect: () => proxied, release: () => void proxied.destroy() };
      return {
        connect: () =>
          connectInSlabs({
            ...{ host: host.address, port: host.port, autoSelectFamily: family === undefined, noDelay: true, keepAlive: true },
            ...(family !== undefined && { family }),
            ...(localAddress !== undefined && { localAddress }),
          }),
        release: () => {},
      };
    }
    case 'command': {
      let stream: Duplex | undefined;
      return { connect: () => (stream = openProxyCommand(way.command, route.context)), release: () => void stream?.destroy() };
    }
    case 'jumps':
      return await throughHops(target, way.hops, route);
  }
}

async function throughProxy({ host, patience }: SshTarget, { hostName, context, patience: usual }: Route): Promise<Socket | undefined> {
  const dialer = proxyDialer(host, hostName, context);
  if (dialer === undefined) return undefined;
  const late = (): RemoteError =>
    new RemoteError('Unreachable', t('The proxy did not connect to {0}, port {1}, in time.', host.address, host.port));
  const deadline = new Deadline(patience ?? usual, context.signal, late);
  try {
    return await dialer.dial(host, deadline.signal, deadline);
  } finally {
    deadline.end();
  }
}

async function throughHops(target: SshTarget, hops: readonly Host[], route: Route): Promise<Way> {
  const place = `${target.host.user ?? ''}@${target.host.address}:${target.host.port}`;
  const before = [...route.before, place];
  if (before.length > longestRoute) throw noWay(t('There are more than {0} jump hosts one after another.', longestRoute), route);
  const last = hops.at(-1);
  if (last === undefined) throw noWay(t('There is no jump host.'), route);
  // The proxy of a host is for the first of the hops before it, unless that has its own.
  const described = await describeTarget({ ...last, proxy: last.proxy ?? target.host.proxy }, route.context, true);
  const { address, port, user } = described.host;
  if (before.includes(`${user ?? ''}@${address}:${port}`))
    throw noWay(t('The jump host {0} would be reached through itself.', safeText(last.name, 80)), route);
  const rest = hops.slice(0, -1);
  // A list of hops counts more than what the config of the last of them says; the first one's own way is not touched.
  const hop: SshTarget = rest.length === 0 ? described : { ...described, way: { kind: 'jumps', hops: rest } };
  const stream = await openTunnel(hop, last.name, { ...route, before }, target.host);
  return { connect: () => stream, release: () => void stream.destroy() };
}

function noWay(message: string, { hostName }: Route): RemoteError {
  const hint = t('Check “jump” of the host and “ProxyJump” of your ssh config.');
  return new RemoteError('Unreachable', message, { host: hostName, hint, retryable: false });
}
