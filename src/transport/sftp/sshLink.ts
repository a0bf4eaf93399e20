import type { Duplex } from 'node:stream';
import ssh2, { type Client, type ConnectConfig } from 'ssh2';
import { RemoteError } from '../../core/errors.ts';
import type { Host } from '../../core/host.ts';
import { t } from '../../core/l10n.ts';
import type { Log } from '../../core/log.ts';
import { safeText } from '../../core/text.ts';
import { giveBack } from '../slabReads.ts';
import type { Negotiated } from './algorithms.ts';
import { takeOverGroupExchange } from './groupExchange.ts';
import { gatherIdentification } from './identification.ts';
import { tuneCiphers } from './packetCiphers.ts';
import { boundDemands } from './serverDemands.ts';
import { protocolOf } from './ssh2Protocol.ts';
import { closedError, speaksOtherwise, sshError, type SshSituation } from './sshErrors.ts';

/**
 * A silent link is asked after so long, and given up after as long again: at most 10 s until a dead one is noticed. Anything that
 * arrives counts as a sign of life, so that a slow link under load is left alone.
 */
const silence = 5000;
const greetingSize = 512;
/** RFC 4252 §5.4 sets no limit to banners. */
const mostBanners = 20;
/** How long a server may take over a polite end. */
const farewell = 1000;

export interface SshLinkOptions {
  readonly host: Host;
  readonly log: Log;
  readonly user: string;
  /** Begins the connection. */
  readonly connect: () => Duplex;
  /** Ms; undefined, or longer than the usual: the usual. */
  readonly silence: number | undefined;
  /** How often the server may leave a question unanswered; bounded so that a dead link is noticed as soon as else. */
  readonly silenceCount?: number | undefined;
  readonly algorithms: NonNullable<ConnectConfig['algorithms']>;
  /** Checks the host key; what it rejects with becomes the reason of the link's end. */
  readonly verify: (key: Buffer) => Promise<void>;
}

/** One SSH connection: TCP, key exchange, the life of the link. The first reason of its end is the one that counts. */
export class SshLink {
  /** Resolves once with why the link is gone. Never rejects. */
  readonly lost: Promise<RemoteError>;
  /** Aborted with the same reason. */
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #options: SshLinkOptions;
  readonly #socket: Duplex;
  readonly #client: Client;
  #phase: SshSituation['phase'] = 'connecting';
  #greeting = '';
  #ident: string | undefined;
  /** The one that was accepted. */
  #hostKey: Buffer | undefined;
  #negotiated: Negotiated | undefined;
  #started: (() => void) | undefined;

  /** Starts connecting. `ready` tells when the log-in may begin. */
  constructor(options: SshLinkOptions) {
    this.#options = options;
    this.signal = this.#controller.signal;
    this.lost = new Promise((resolve) => {
      this.signal.addEventListener('abort', () => resolve(this.signal.reason as RemoteError), { once: true });
    });
    this.#socket = options.connect();
    this.#client = new ssh2.Client();
    this.#listen();
    this.#start();
    // A way that was made before may have ended since.
    if (this.#socket.destroyed) this.fail(closedError(this.#situation()));
  }

  get client(): Client {
    return this.#client;
  }

  /** The server's identification string without `SSH-2.0-`; known when `ready` has resolved. */
  get ident(): string | undefined {
    return this.#ident;
  }

  /** The server takes what stands on an answer right behind what is to be answered: a log-in behind its service, a channel's content. */
  get takesFlights(): boolean {
    return /^(?:OpenSSH_|dropbear_|mod_sftp\b)/.test(this.#ident ?? '');
  }

  get negotiated(): Negotiated | undefined {
    return this.#negotiated;
  }

  /** Resolves when the host key was accepted and RFC 4252 may begin; rejects with why the link is gone. */
  ready(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.signal.aborted) throw this.signal.reason as RemoteError;
      this.#started = resolve;
      this.signal.addEventListener('abort', () => reject(this.signal.reason as RemoteError), { once: true });
    });
  }

  /** What is wrong with a server that did not come to the log-in in time, where it said something that tells. */
  get strange(): RemoteError | undefined {
    const strange = this.#phase === 'connecting' && this.#greeting !== '' && !this.#greeting.startsWith('SSH-');
    return strange ? closedError(this.#situation()) : undefined;
  }

  /** To be told when the log-in has succeeded. */
  opened(): void {
    this.#phase = 'open';
  }

  /** Ends the link at once, for this reason if it is the first. */
  fail(reason: RemoteError): void {
    if (!this.signal.aborted) this.#controller.abort(reason);
    this.#socket.destroy();
  }

  /** Ends the link with a word to the server, in bounded time. */
  close(reason: RemoteError): void {
    if (!this.signal.aborted) this.#controller.abort(reason);
    if (this.#socket.destroyed) return;
    const timer = setTimeout(() => this.#socket.destroy(), farewell);
    this.#socket.once('close', () => clearTimeout(timer));
    this.#client.end();
  }

  #situation(): SshSituation {
    const { address, port } = this.#options.host;
    return { address, port, phase: this.#phase, greeting: this.#greeting };
  }

  #start(): void {
    const { log, user, algorithms, verify } = this.#options;
    const config: ConnectConfig = {
      ...{ sock: this.#socket, username: user, ident: 'Ferry', algorithms },
      ...{ readyTimeout: 0, ...keepAlive(this.#options) },
      hostVerifier: (key: Buffer, accept: (decision: boolean) => void) => {
        // In a later exchange of keys ssh2 must not have to wait: what is sent meanwhile goes out damaged, and ends the connection.
        if (this.#hostKey?.equals(key)) return true;
        verify(key).then(
          () => {
            this.#hostKey = Buffer.from(key);
            accept(true);
          },
          (error: unknown) => {
            this.fail(error instanceof RemoteError ? error : new RemoteError('Unknown', String(error), { cause: error }));
            accept(false);
          },
        );
        return undefined;
      },
      debug: (message) => {
        if (this.#phase !== 'open') log.trace(safeText(message, 2000));
      },
    };
    /* Without a value it waits: the log-in is led by UserauthDialogue. It is called when the server has granted the service. */
    (config as { authHandler: () => void }).authHandler = () => this.#started?.();
    this.#client.connect(config);
    const protocol = protocolOf(this.#client);
    gatherIdentification(protocol);
    takeOverGroupExchange(protocol);
    tuneCiphers(protocol, this.#socket);
    boundDemands(
      protocol,
      () => this.#socket.writableLength,
      (message) => this.fail(new RemoteError('Lost', message)),
    );
    this.#socket.on('data', (chunk: Buffer) => this.#arrived(chunk));
  }

  #listen(): void {
    const { log } = this.#options;
    let banners = 0;
    this.#client
      .on('error', (error) => this.fail(sshError(error, this.#situation())))
      .on('close', () => this.fail(closedError(this.#situation())))
      .on('end', () => this.fail(closedError(this.#situation())))
      .on('banner', (text) => {
        if (++banners > mostBanners) this.fail(new RemoteError('Lost', t('The server sends banner after banner.')));
        else log.info(`Banner: ${safeText(text, 2000)}`);
      })
      .on('handshake', (negotiated) => {
        this.#phase = this.#phase === 'connecting' ? 'loggingIn' : this.#phase;
        this.#negotiated ??= negotiated as unknown as Negotiated;
        this.#recognise();
      });
  }

  #recognise(): void {
    if (this.#ident !== undefined) return;
    this.#ident = /^SSH-[\d.]+-([^\r\n]*)/m.exec(this.#greeting)?.[1] ?? '';
    this.#options.log.info(`Server: ${safeText(this.#ident, 200)}`);
    if (this.takesFlights) queueMicrotask(() => this.#started?.());
  }

  #arrived(chunk: Buffer): void {
    if (this.#greeting.length < greetingSize && this.#phase === 'connecting') {
      this.#greeting += chunk.toString('latin1', 0, greetingSize - this.#greeting.length);
      if (speaksOtherwise(this.#greeting)) this.fail(closedError(this.#situation()));
    }
    /* AES-GCM decrypts into other memory, and nothing is kept of what came. */
    if (this.#phase === 'open' && protocolOf(this.#client)._decipher?._decipherSSLName?.endsWith('-gcm')) giveBack(chunk);
    if (this.#phase === 'open') (this.#client as unknown as { readonly _resetKA?: () => void })._resetKA?.();
  }
}

/** As the person wants it, in no more than the usual time. OpenSSH gives up after the third question. */
function keepAlive(wanted: SshLinkOptions): Pick<ConnectConfig, 'keepaliveInterval' | 'keepaliveCountMax'> {
  const keepaliveInterval = Math.min(wanted.silence ?? silence, silence);
  const most = Math.floor((2 * silence) / keepaliveInterval) - 1;
  return { keepaliveInterval, keepaliveCountMax: Math.min(wanted.silenceCount ?? 3, most) };
}
