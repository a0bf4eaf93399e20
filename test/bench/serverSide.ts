import { proxyAddress } from '../contract/faultServers.ts';
import { startFaultyProxy, type FaultyProxy } from '../servers/faultyProxy.ts';
import type { TestServer } from '../servers/server.ts';
import { serverAddress, type Line } from './line.ts';
import { endWithParent } from './parent.ts';
import { servers, type ServerName } from './servers.ts';
import type { Target } from './target.ts';

/* The process at the line's far end: runs the servers that its parent orders, and the proxy where that is the line. */

export type Order =
  | { readonly start: ServerName; readonly kind: Line['kind'] }
  | { readonly stop: true }
  | { readonly delayMs: number; readonly bytesPerSecond: number | undefined };
export type Answer = { readonly target: Target } | { readonly done: true } | { readonly failed: string };

let server: TestServer | undefined;
let proxy: FaultyProxy | undefined;

async function start(name: ServerName, kind: Line['kind']): Promise<Target> {
  const started = await servers[name](kind === 'tun');
  server = started.server;
  const { host, secrets, root, rootOnServer, owner, version } = server;
  if (kind === 'proxy') {
    const listenAddress = started.dataPorts.length > 0 ? proxyAddress : '127.0.0.1';
    proxy = await startFaultyProxy({ port: host.port, listenAddress, dataPorts: started.dataPorts });
  }
  return {
    ...{ name, version, root, rootOnServer, owner },
    host: { ...host, address: proxy?.address ?? serverAddress, port: proxy?.port ?? host.port },
    user: host.user ?? 'anonymous',
    password: secrets.password,
    privateKey: host.sftp.privateKeys?.[0],
    direct: { address: host.address, port: host.port },
  };
}

async function stop(): Promise<void> {
  await proxy?.close();
  await server?.stop();
  [proxy, server] = [undefined, undefined];
}

async function obey(order: Order): Promise<Answer> {
  if ('start' in order) return { target: await start(order.start, order.kind) };
  if ('stop' in order) await stop();
  else if (proxy !== undefined) {
    proxy.latencyMs = order.delayMs;
    proxy.limitRate(order.bytesPerSecond);
  }
  return { done: true };
}

process.on('message', (order: Order) => {
  void obey(order)
    .catch((error: unknown): Answer => ({ failed: error instanceof Error ? error.message : String(error) }))
    .then((answer) => process.send?.(answer));
});
endWithParent();
