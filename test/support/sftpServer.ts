import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { Duplex } from 'node:stream';
import type { Host } from '../../src/core/host.ts';
import { hostDefaults, sftpDefaults } from '../../src/core/hostDefaults.ts';
import { silentLog } from '../../src/core/log.ts';
import type { Remote } from '../../src/core/remote.ts';
import { PacketSplitter } from '../../src/transport/sftp/packets.ts';
import { openSftp, type SftpSessionOptions } from '../../src/transport/sftp/sftpRemote.ts';

/** OpenSSH's sftp-server on its own pipes: a real server without SSH around it. */
export const sftpServerPath = [
  '/usr/lib/openssh/sftp-server',
  '/usr/lib/ssh/sftp-server',
  '/usr/libexec/sftp-server',
  '/usr/libexec/openssh/sftp-server',
].find((path) => existsSync(path));

/** All of OpenSSH's extensions, for `-P`. */
export const withoutExtensions = [
  '-P',
  'posix-rename,hardlink,fsync,statvfs,fstatvfs,lsetstat,limits,expand-path,copy-data,users-groups-by-id',
];

export interface StdioServer {
  readonly process: ChildProcess;
  readonly channel: Duplex;
  stop(): void;
}

export function startSftpServer(args: readonly string[] = []): StdioServer {
  if (sftpServerPath === undefined) throw new Error('sftp-server is not installed');
  const child = spawn(sftpServerPath, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  const channel = Duplex.from({ readable: child.stdout, writable: child.stdin });
  return { process: child, channel, stop: () => child.kill('SIGKILL') };
}

function sftpHost(charset = 'utf-8'): Host {
  const sftp = { ...sftpDefaults, agent: false };
  return { ...hostDefaults('sftp'), name: 'stdio', address: '127.0.0.1', user: 'me', charset, connections: 1, sftp };
}

export function openOn(channel: Duplex, options: Partial<SftpSessionOptions> & { readonly charset?: string } = {}): Promise<Remote> {
  return openSftp(channel, { host: sftpHost(options.charset), log: silentLog, ...options });
}

/**
 * A link of infinite latency and bandwidth between a client and a server: all that the client sends is one flight, which ends when
 * the server has answered every request of it. Counts flights, that is round trips, without a clock.
 */
export class FlightLink extends Duplex {
  flights = 0;
  readonly #server: Duplex;
  readonly #requests = new PacketSplitter();
  readonly #replies = new PacketSplitter();
  #waiting: Buffer[] = [];
  #unanswered = 0;
  #answers: Buffer[] = [];
  #boarding = false;

  constructor(server: Duplex) {
    super();
    this.#server = server;
    server.on('data', (chunk: Buffer) => {
      this.#answers.push(chunk);
      this.#replies.push(chunk, () => this.#unanswered--);
      if (this.#unanswered === 0) this.#land();
    });
    server.on('close', () => this.push(null));
    server.on('error', () => this.destroy());
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, callback: () => void): void {
    this.#waiting.push(Buffer.from(chunk));
    this.#board();
    callback();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#server.destroy();
    callback(error);
  }

  /** The client may still be adding: what it does without waiting for a reply takes a few turns at most. */
  #board(): void {
    if (this.#boarding || this.#unanswered > 0) return;
    this.#boarding = true;
    let turns = 10;
    const wait = () => {
      if (turns-- > 0) setImmediate(wait);
      else this.#takeOff();
    };
    wait();
  }

  #takeOff(): void {
    this.#boarding = false;
    this.flights++;
    const flight = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#requests.push(flight, () => this.#unanswered++);
    this.#server.write(flight);
  }

  #land(): void {
    const answers = Buffer.concat(this.#answers);
    this.#answers = [];
    this.push(answers);
    if (this.#waiting.length > 0) this.#board();
  }
}
