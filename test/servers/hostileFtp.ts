import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSecureContext, TLSSocket, type SecureContextOptions } from 'node:tls';
import type { Host } from '../../src/core/host.ts';
import { makeHost } from './server.ts';

/**
 * An FTP server that does what a script says, as badly as it likes: for what no real server does to a client. Without a script it is a
 * polite one in memory, with MLSD, that takes any password. It keeps every byte that it is given.
 */
export interface HostileFtp {
  readonly host: Host;
  /** Every byte on all control connections, TLS taken off, in the order they came. */
  readonly heard: string;
  /** Every byte on all data connections, TLS taken off. */
  readonly stored: string;
  /** How many control connections there were. */
  readonly connections: number;
  stop(): Promise<void>;
}

/** What the server does with a command: text to answer with, or anything else. */
export type Act = string | ((session: HostileSession, argument: string) => unknown);

export interface HostileScript {
  /** The greeting, with which the dialogue begins (default: of a server that shows links in MLSD). */
  readonly greeting?: Act;
  /** By upper-case verb, over what the polite server does. */
  readonly on?: Readonly<Record<string, Act>>;
  /** What MLSD and LIST give. */
  readonly listing?: string | Uint8Array;
  /** What RETR gives, and SIZE tells. */
  readonly file?: Uint8Array;
  readonly tls?: HostileTls;
}

interface HostileTls {
  /** Default: after AUTH. */
  readonly implicit?: boolean;
  /** PEM files of the control connections; a function is asked with the number of the connection, from 1 on. */
  readonly certificate: PemFiles | ((connection: number) => PemFiles);
  /** PEM files of the data connections; default: the same. */
  readonly dataCertificate?: PemFiles;
  readonly options?: SecureContextOptions;
}

interface PemFiles {
  readonly certificate: string;
  readonly key: string;
}

/** One control connection. */
export interface HostileSession {
  /** From 1 on. */
  readonly number: number;
  /** As it is now, with TLS or without. */
  readonly socket: Socket;
  /** Before any TLS. */
  readonly raw: Socket;
  /** One or more lines, each with its end. */
  say(...lines: string[]): void;
  /** `bytes`, one after another with `ms` in between, until the client is gone. */
  drip(bytes: string, ms: number, to?: Socket): Promise<void>;
  /** `text` again and again as fast as the client takes it, until it is gone; how many bytes it took. */
  flood(text: string, to?: Socket): Promise<number>;
  /** Listens for a data connection; its port. */
  listen(): Promise<number>;
  /** The data connection, without TLS. */
  data(): Promise<Socket>;
  /** The data connection, with TLS where PROT P was given. */
  securedData(): Promise<Socket>;
  /** 150, `bytes` over the data connection, 226. */
  give(bytes: string | Uint8Array): Promise<void>;
  /** Begins TLS. */
  secure(): void;
  /** From now on what comes is heard, but no command. */
  ignore(): void;
}

export async function startHostileFtp(script: HostileScript = {}): Promise<HostileFtp> {
  const record = { heard: '', stored: '', connections: 0 };
  const sockets = new Set<Socket>();
  const servers = new Set<Server>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    new Session(script, socket, ++record.connections, record, { sockets, servers }).begin();
  });
  servers.add(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    host: makeHost({
      name: 'hostile',
      protocol: script.tls ? 'ftps' : 'ftp',
      port,
      user: 'ann',
      ftp: { tls: script.tls?.implicit ? 'implicit' : 'explicit', mode: 'passive' },
    }),
    get heard() {
      return record.heard;
    },
    get stored() {
      return record.stored;
    },
    get connections() {
      return record.connections;
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      await Promise.all([...servers].map((one) => new Promise((resolve) => one.close(resolve))));
    },
  };
}

const polite: Readonly<Record<string, Act>> = {
  USER: '331 Password',
  PASS: '230 In',
  TYPE: '200 Binary',
  FEAT: '211-Features:\r\n SIZE\r\n MDTM\r\n MLST type*;size*;modify*;\r\n211 End',
  SYST: '215 UNIX Type: L8',
  PWD: '257 "/"',
  CWD: '250 Here',
  PBSZ: '200 0',
  PROT: '200 Private',
  NOOP: '200 Yes',
  ABOR: '226 Aborted',
  SIZE: '550 No',
  MDTM: '550 No',
  MLST: '550 No',
  DELE: '250 Gone',
  REST: (session, at) => session.say(`350 Restarting at ${at}`),
  EPSV: async (session) => session.say(`229 Passive (|||${await session.listen()}|)`),
  MLSD: (session) => session.give(''),
  LIST: (session) => session.give(''),
  RETR: (session) => session.give(''),
  async STOR(session) {
    session.say('150 Give');
    const data = await session.securedData();
    await once(data, 'end');
    session.say('226 Taken');
  },
  QUIT: '221 Bye',
  AUTH(session) {
    session.say('234 Go on');
    session.secure();
  },
};

const transfers: ReadonlySet<string> = new Set(['MLSD', 'LIST', 'RETR', 'STOR']);

class Session implements HostileSession {
  readonly number: number;
  readonly raw: Socket;
  socket: Socket;
  readonly #script: HostileScript;
  readonly #record: { heard: string; stored: string };
  readonly #open: { readonly sockets: Set<Socket>; readonly servers: Set<Server> };
  #rest = '';
  #ignores = false;
  #turn: Promise<void> = Promise.resolve();
  #accepted: Promise<Socket> | undefined;

  constructor(
    script: HostileScript,
    raw: Socket,
    number: number,
    record: { heard: string; stored: string },
    open: { readonly sockets: Set<Socket>; readonly servers: Set<Server> },
  ) {
    this.#script = script;
    this.raw = raw;
    this.socket = raw;
    this.number = number;
    this.#record = record;
    this.#open = open;
  }

  begin(): void {
    if (this.#script.tls?.implicit) this.secure();
    else this.#listenTo(this.socket);
    void this.#act(this.#script.greeting ?? '220 Pure-FTPd, so to speak', '');
  }

  say(...lines: string[]): void {
    if (!this.socket.destroyed) this.socket.write(Buffer.from(lines.map((line) => `${line}\r\n`).join(''), 'latin1'));
  }

  async drip(bytes: string, ms: number, to = this.socket): Promise<void> {
    for (const byte of Buffer.from(bytes, 'latin1')) {
      if (to.destroyed) return;
      to.write(Buffer.of(byte));
      await sleep(ms);
    }
  }

  async flood(text: string, to = this.socket): Promise<number> {
    const chunk = Buffer.from(text.repeat(Math.max(1, Math.floor(65_536 / text.length))), 'latin1');
    let taken = 0;
    const gone = new AbortController();
    to.once('close', () => gone.abort());
    while (!to.destroyed && to.writable) {
      if (!to.write(chunk)) await once(to, 'drain', { signal: gone.signal }).catch(() => {});
      taken += chunk.byteLength;
    }
    return taken;
  }

  async listen(): Promise<number> {
    const server = createServer({ noDelay: true }).listen(0, '127.0.0.1');
    this.#open.servers.add(server);
    await once(server, 'listening');
    this.#accepted = once(server, 'connection').then(([socket]: Socket[]) => {
      server.close();
      socket!.on('error', () => {});
      this.#open.sockets.add(socket!);
      return socket!;
    });
    return (server.address() as AddressInfo).port;
  }

  async data(): Promise<Socket> {
    const accepted = (await this.#accepted) as Socket;
    accepted.on('data', (bytes: Buffer) => (this.#record.stored += bytes.toString('latin1')));
    return accepted;
  }

  async securedData(): Promise<Socket> {
    if (!this.#script.tls) return this.data();
    const { dataCertificate, certificate } = this.#script.tls;
    const secured = this.#wrapped(
      (await this.#accepted) as Socket,
      dataCertificate ?? (typeof certificate === 'function' ? certificate(this.number) : certificate),
    );
    secured.on('data', (bytes: Buffer) => (this.#record.stored += bytes.toString('latin1')));
    return secured;
  }

  async give(bytes: string | Uint8Array): Promise<void> {
    this.say('150 Here it comes');
    const data = await this.securedData();
    data.end(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    this.say('226 That was it');
  }

  ignore(): void {
    this.#ignores = true;
  }

  secure(): void {
    const { certificate } = this.#script.tls!;
    this.socket.removeAllListeners('data');
    this.socket = this.#wrapped(this.raw, typeof certificate === 'function' ? certificate(this.number) : certificate);
    this.#listenTo(this.socket);
  }

  #wrapped(socket: Socket, pem: PemFiles): TLSSocket {
    const secureContext = createSecureContext({
      cert: readFileSync(pem.certificate),
      key: readFileSync(pem.key),
      ...this.#script.tls?.options,
    });
    return new TLSSocket(socket, { isServer: true, secureContext }).on('error', () => {});
  }

  #listenTo(socket: Socket): void {
    socket.on('data', (bytes: Buffer) => {
      this.#record.heard += bytes.toString('latin1');
      const lines = (this.#rest + bytes.toString('latin1')).split('\r\n');
      this.#rest = lines.pop() ?? '';
      for (const line of lines) if (!this.#ignores) this.#obey(line);
    });
  }

  #obey(line: string): void {
    const [verb = '', ...rest] = line.split(' ');
    const { on, listing, file } = this.#script;
    const name = verb.toUpperCase();
    let act = on?.[name] ?? polite[name] ?? '502 What?';
    if (on?.[name] === undefined) {
      if (listing !== undefined && (name === 'MLSD' || name === 'LIST')) act = (session) => session.give(listing);
      if (file && name === 'RETR') act = (session) => session.give(file);
      if (file && name === 'SIZE') act = `213 ${file.byteLength}`;
    }
    this.#turn = this.#turn.then(() => {
      const acted = this.#act(act, rest.join(' '));
      // What comes while a transfer runs is heard; otherwise commands have their turns.
      return transfers.has(name) ? undefined : acted;
    });
  }

  async #act(act: Act, argument: string): Promise<void> {
    if (typeof act === 'string') this.say(act);
    else await Promise.resolve(act(this, argument)).catch(() => this.raw.destroy());
  }
}
