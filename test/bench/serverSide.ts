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

/** What the budgets for FTP's trees stand on; the default is fewer. */
const connections = 8;

const running: { readonly server: TestServer; readonly proxy: FaultyProxy | undefined }[] = [];

async function start(name: ServerName, kind: Line['kind']): Promise<Target> {
  const { server, dataPorts } = await servers[name](kind === 'tun');
  const { host, secrets, root, rootOnServer, owner, version } = server;
  const listenAddress = dataPorts.length > 0 ? proxyAddress : '127.0.0.1';
  const proxy = kind === 'proxy' ? await startFaultyProxy({ port: host.port, listenAddress, dataPorts }) : undefined;
  running.push({ server, proxy });
  return {
    ...{ name, version, root, rootOnServer, owner },
    host: { ...host, connections, address: proxy?.address ?? serverAddress, port: proxy?.port ?? host.port },
    user: host.user ?? 'anonymous',
    password: secrets.password,
    privateKey: host.sftp.privateKeys?.[0],
    direct: { address: host.address, port: host.port },
  };
}

async function stop(): Promise<void> {
  for (const { proxy, server } of running.splice(0)) {
    await proxy?.close();
    await server.stop();
  }
}

async function obey(order: Order): Promise<Answer> {
  if ('start' in order) return { target: await start(order.start, order.kind) };
  if ('stop' in order) await stop();
  else {
    for (const { proxy } of running) {
      if (proxy === undefined) continue;
      proxy.latencyMs = order.delayMs;
      proxy.limitRate(order.bytesPerSecond);
    }
  }
  return { done: true };
}

process.on('message', (order: Order) => {
  void obey(order)
    .catch((error: unknown): Answer => ({ failed: error instanceof Error ? error.message : String(error) }))
    .then((answer) => process.send?.(answer));
});
endWithParent();
