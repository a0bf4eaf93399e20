import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
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
  /** On 127.0.0.1. */
  readonly port: number;
  readonly tls: 'none' | 'explicit' | 'implicit';
  readonly certificate: Certificate | undefined;
  readonly user: string;
  readonly password: string;
}

/** Parts of ftp-srv that its types leave out. */
interface Connector {
  readonly connection: Connection;
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
  connector: Connector;
  readonly fs?: FtpFiles;
  commands: { parse(message: string): Command; handle(command: string): Promise<unknown> };
  _handleData: (data: Buffer) => unknown;
  commandSocket: NodeJS.EventEmitter & { setNoDelay?(): void; pause?(): void };
  authenticated?: boolean;
};

const require = createRequire(import.meta.url);

/** FTP by ftp-srv, with its traps disarmed: each correction says which. */
export async function startFtpServer(options: FtpServerOptions): Promise<RunningServer> {
  correctConnectors();
  const folder = await confineTo(options.folder);
  const server = withoutSignalHandlers(
    () =>
      new FtpSrv({
        url: `${options.tls === 'implicit' ? 'ftps' : 'ftp'}://127.0.0.1:${String(options.port)}`,
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
  server.on('disconnect', ({ id }) => {
    connections.get(id)?.close();
    connections.delete(id);
  });
  server.on('client-error', () => {});
  server.on('login', ({ connection, username, password }, resolve, reject) => {
    const files = connections.get(connection.id);
    if (files !== undefined && username === options.user && password === options.password) {
      resolve({ fs: files as never });
      return;
    }
    /* It would refuse a second USER for good. */
    Object.assign(connection, { username: undefined });
    reject(new Error('Login incorrect'));
  });
  await (server.listen() as Promise<unknown>);
  return { port: options.port, stop: () => stop(server) };
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

/** Not before an upload: an empty one would be over before ftp-srv has seen its connection. */
function sendsEarly({ secure, fs }: Connection): boolean {
  return secure && fs !== undefined && !/^(?:STOR|STOU|APPE)$/.test(fs.directive);
}

let corrected = false;

/** File status okay (RFC 959). */
const ready = 150;
const early = 'Ok to send data.';

/**
 * The end of one data connection would take away the next one that is already prepared; each is waited for in steps of 50 ms; and a
 * client that begins TLS when it is told that the server is ready would wait for ever.
 */
function correctConnectors(): void {
  if (corrected) return;
  corrected = true;
  const Base = require('ftp-srv/src/connector/base') as { new (connection: unknown): Connector; prototype: Connector };
  const Passive = require('ftp-srv/src/connector/passive') as { prototype: PassiveConnector };
  Base.prototype.end = function (this: Connector) {
    this.closeSocket();
    this.closeServer();
    this.type = false;
    if (this.connection.connector !== this) return;
    this.connection.connector = new Base(this.connection);
    this.connection.fs?.stopReading();
  };
  const wait = Passive.prototype.waitForConnection;
  Passive.prototype.waitForConnection = function (this: PassiveConnector, { timeout = 5000 } = {}) {
    if (sendsEarly(this.connection)) void this.connection.reply(ready, early);
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
  correctReplies(connection);
  let pending = '';
  let queue = Promise.resolve<unknown>(undefined);
  commandSocket.removeAllListeners('data');
  commandSocket.on('data', (data: Buffer) => {
    /* What was held back for the handshake is shown here as well when TLS takes it; a TLS record begins so, no command does. */
    if (data[0] === 0x16) return;
    const lines = (pending + data.toString('utf8')).split('\r\n');
    pending = lines.pop() ?? '';
    /* A handshake that comes at once would be taken for a command: it has to wait for the socket that understands it. */
    if (lines.some((text) => /^AUTH\b/i.test(text))) commandSocket.pause?.();
    for (const one of lines.filter((text) => text !== '')) queue = queue.then(() => commands.handle(one)).catch(() => {});
  });
}

const plainTexts: readonly (readonly [RegExp, string])[] = [
  [/^(?:ENOENT|ELOOP)\b.*/, 'No such file or directory'],
  [/^ENOTDIR\b.*/, 'Not a directory'],
  [/^EISDIR\b.*/, 'Is a directory'],
  [/^EEXIST\b.*/, 'File exists'],
  [/^ENOTEMPTY\b.*/, 'Directory not empty'],
  [/^(?:EACCES|EPERM)\b.*/, 'Permission denied'],
  [/^ENOSPC\b.*/, 'No space left on device'],
  [/^E[A-Z]+: ([^,]*).*/, '$1'],
];

/** It would tell local paths, in the words of Node's errors, and say 150 a second time. */
function correctReplies(connection: Connection): void {
  const reply = connection.reply.bind(connection);
  /* Its own kind of promise, which it goes on with. */
  let saidReady: ReturnType<Connection['reply']>;
  connection.reply = (options, ...letters: unknown[]) => {
    if (options === ready && letters[0] === early) return (saidReady = reply(ready, early));
    if (options === ready && sendsEarly(connection)) return saidReady;
    return reply(options, ...letters.map((letter) => (typeof letter === 'string' ? plainText(letter) : letter)));
  };
}

function plainText(text: string): string {
  const found = plainTexts.find(([pattern]) => pattern.test(text));
  return found === undefined ? text : text.replace(found[0], found[1]);
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
