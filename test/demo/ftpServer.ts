import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { FtpSrv, type FtpConnection } from 'ftp-srv';
import type { Certificate } from './certificate.ts';
import { confineTo } from './confinedFolder.ts';
import { FtpFiles, type FtpEntry } from './ftpFiles.ts';
import { listingLine } from './sftpWire.ts';
import type { RunningServer } from './sftpServer.ts';
import type { Stats } from 'node:fs';

export interface FtpServerOptions {
  /** The folder that clients see as `/`. */
  readonly folder: string;
  /** On 127.0.0.1; 0: a free one. */
  readonly port: number;
  readonly tls: 'none' | 'explicit' | 'implicit';
  readonly certificate: Certificate | undefined;
  readonly user: string;
  readonly password: string;
}

/** Parts of ftp-srv that its types leave out. */
interface Connector {
  readonly connection: { connector: Connector };
  type: string | false;
  closeSocket(): void;
  closeServer(): void;
  end(): void;
}
interface PassiveConnector extends Connector {
  waitForConnection: (this: PassiveConnector, options?: { timeout?: number; delay?: number }) => Promise<unknown>;
}
interface Command {
  readonly directive: string;
  readonly arg: string | null;
  readonly flags: readonly string[];
  readonly raw: string;
}
type Connection = FtpConnection & {
  commands: { parse(message: string): Command; handle(command: string): Promise<unknown> };
  _handleData: (data: Buffer) => unknown;
  commandSocket: NodeJS.EventEmitter & { setNoDelay?(): void };
  authenticated?: boolean;
};

const require = createRequire(import.meta.url);

/** FTP by ftp-srv, with its traps disarmed: each correction says which. */
export async function startFtpServer(options: FtpServerOptions): Promise<RunningServer> {
  correctConnectors();
  const folder = await confineTo(options.folder);
  const port = options.port === 0 ? await anyPort() : options.port;
  const server = withoutSignalHandlers(
    () =>
      new FtpSrv({
        url: `${options.tls === 'implicit' ? 'ftps' : 'ftp'}://127.0.0.1:${String(port)}`,
        pasv_url: '127.0.0.1',
        tls: options.tls === 'none' || options.certificate === undefined ? false : tlsOptions(options.certificate),
        file_format: (stats) => line(stats as unknown as FtpEntry & Stats),
        log: silent,
      }),
  );
  /* It would look for a port by trying them one by one from 1024; the system gives a free one at once. */
  Object.assign(server, { getNextPasvPort: () => Promise.resolve(0) });
  const connections = new Map<string, FtpFiles>();
  server.on('connect' as 'disconnect', ({ connection, id }) => {
    const files = new FtpFiles(folder);
    connections.set(id, files);
    correctCommands(connection as Connection, files);
  });
  server.on('disconnect', ({ id }) => connections.delete(id));
  server.on('client-error', () => {});
  server.on('login', ({ connection, username, password }, resolve, reject) => {
    const files = connections.get(connection.id);
    if (files === undefined || username !== options.user || password !== options.password) reject(new Error('Login incorrect'));
    else resolve({ fs: files as never });
  });
  await (server.listen() as Promise<unknown>);
  return { port, stop: () => stop(server) };
}

async function stop(server: FtpSrv): Promise<void> {
  await (server.close() as Promise<unknown>);
}

/** It takes over the process's signals and ends the process itself. */
function withoutSignalHandlers<T>(make: () => T): T {
  const signals = ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const;
  const before = signals.map((signal) => process.listeners(signal));
  const made = make();
  signals.forEach((signal, index) => {
    for (const listener of process.listeners(signal)) if (!before[index]?.includes(listener)) process.off(signal, listener);
  });
  return made;
}

/** Sessions can be resumed on data connections, each of which is a TLS server of its own here: they share the ticket keys. */
function tlsOptions(certificate: Certificate): Record<string, unknown> {
  return { key: certificate.key, cert: certificate.certificate, ticketKeys: randomBytes(48), minVersion: 'TLSv1.2' };
}

function line(entry: FtpEntry & Stats): string {
  return listingLine(entry.target === undefined ? entry.name : `${entry.name} -> ${entry.target}`, entry);
}

let corrected = false;

/** The end of one data connection would take away the next one that is already prepared, and each is waited for in steps of 50 ms. */
function correctConnectors(): void {
  if (corrected) return;
  corrected = true;
  const Base = require('ftp-srv/src/connector/base') as { new (connection: unknown): Connector; prototype: Connector };
  const Passive = require('ftp-srv/src/connector/passive') as { prototype: PassiveConnector };
  Base.prototype.end = function (this: Connector) {
    this.closeSocket();
    this.closeServer();
    this.type = false;
    if (this.connection.connector === this) this.connection.connector = new Base(this.connection);
  };
  const wait = Passive.prototype.waitForConnection;
  Passive.prototype.waitForConnection = function (this: PassiveConnector, { timeout = 5000 } = {}) {
    return wait.call(this, { timeout, delay: 2 });
  };
}

/** Lines may come in pieces or several at once; names keep their quotes, blanks and leading `-`. */
function correctCommands(connection: Connection, files: FtpFiles): void {
  const { commands, commandSocket } = connection;
  commandSocket.setNoDelay?.();
  commands.parse = (message) => {
    const [directive = '', ...rest] = message.split(' ');
    const upper = directive.trim().toUpperCase();
    const all = rest.join(' ');
    const flags = upper === 'LIST' || upper === 'NLST' ? (/^(?:-\w+ ?)*/.exec(all)?.[0] ?? '') : '';
    files.directive = upper;
    const arg = all.slice(flags.length);
    return { directive: upper, arg: arg === '' ? null : arg, flags: flags.split(' ').filter(Boolean), raw: message };
  };
  let pending = '';
  let queue = Promise.resolve<unknown>(undefined);
  commandSocket.removeAllListeners('data');
  commandSocket.on('data', (data: Buffer) => {
    const lines = (pending + data.toString('utf8')).split('\r\n');
    pending = lines.pop() ?? '';
    for (const one of lines.filter((text) => text !== '')) queue = queue.then(() => commands.handle(one)).catch(() => {});
  });
}

async function anyPort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => probe.once('error', reject).listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return address !== null && typeof address === 'object' ? address.port : 0;
}

/** A bunyan logger that keeps quiet; its own writes to standard output. */
const silent = {
  child: () => silent,
  trace() {},
  debug() {},
  info() {},
  warn() {},
  error() {},
};
