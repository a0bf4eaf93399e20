import { createServer, isIPv6, type Server, type Socket } from 'node:net';
import { RemoteError } from '../../core/errors.ts';
import type { FtpOptions } from '../../core/host.ts';
import { t } from '../../core/l10n.ts';
import type { Log } from '../../core/log.ts';
import { plainAddress } from './passive.ts';

/** A port that waits for the server's one data connection. */
export interface ActivePort {
  /** What the server is told. */
  readonly address: string;
  readonly port: number;
  /** The server's connection; never rejects and stays pending if none comes. */
  readonly accepted: Promise<Socket>;
  /** Stops listening; a connection that came but was not taken is ended. */
  close(): void;
}

/** EPRT of RFC 2428 §2. */
export function eprt(address: string, port: number): string {
  return `EPRT |${isIPv6(address) ? 2 : 1}|${address}|${port}|`;
}

/** PORT of RFC 959 §4.1.2; IPv4 only. */
export function port(address: string, number: number): string {
  return `PORT ${address.replaceAll('.', ',')},${number >> 8},${number & 255}`;
}

/** The ports to try, in order: all of the range from a random one on, or 0 (any). */
export function portsToTry(range: FtpOptions['activePorts'], random: () => number = Math.random): number[] {
  if (!range) return [0];
  const [first, last] = range[0] <= range[1] ? range : [range[1], range[0]];
  const count = last - first + 1;
  const start = Math.floor(random() * count);
  return Array.from({ length: count }, (_, index) => first + ((start + index) % count));
}

/** Listens for the data connection of the server that `control` leads to; connections from elsewhere are ended at once. */
export async function listenForServer(control: Socket, options: FtpOptions, log: Log): Promise<ActivePort> {
  const local = plainAddress(control.localAddress ?? '');
  const peer = plainAddress(control.remoteAddress ?? '');
  const server = createServer({ allowHalfOpen: false, noDelay: true });
  const bound = await listenOnOneOf(server, options.activeBind ?? local, portsToTry(options.activePorts));
  const accepted = Promise.withResolvers<Socket>();
  let taken: Socket | undefined;
  server.on('connection', (socket) => {
    const from = plainAddress(socket.remoteAddress ?? '');
    socket.on('error', () => {});
    if (taken !== undefined || from !== peer) {
      log.warn(`A data connection from ${from} was refused: the server is ${peer}.`);
      socket.destroy();
      return;
    }
    taken = socket;
    server.close();
    accepted.resolve(socket);
  });
  server.on('error', (error) => log.warn(`The port for the server's data connection failed: ${error.message}`));
  return {
    address: options.activeAddress ?? local,
    port: bound,
    accepted: accepted.promise,
    close() {
      server.close();
      taken?.destroy();
    },
  };
}

async function listenOnOneOf(server: Server, address: string, ports: readonly number[]): Promise<number> {
  let last: NodeJS.ErrnoException | undefined;
  for (const candidate of ports) {
    last = await listen(server, address, candidate);
    if (!last) {
      const bound = server.address();
      return typeof bound === 'object' && bound !== null ? bound.port : candidate;
    }
    if (last.code !== 'EADDRINUSE' && last.code !== 'EACCES') break;
  }
  throw new RemoteError('Unreachable', t('Ferry can’t wait for the server’s data connection on {0}: {1}', address, last?.message ?? ''), {
    hint: t('Check "activeBind" and "activePorts" of the host, or use passive mode.'),
    retryable: false,
    dropsConnection: false,
    cause: last,
  });
}

function listen(server: Server, host: string, number: number): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const onError = (error: NodeJS.ErrnoException): void => resolve(error);
    server.once('error', onError);
    server.listen({ host, port: number, backlog: 4 }, () => {
      server.off('error', onError);
      resolve(undefined);
    });
  });
}
