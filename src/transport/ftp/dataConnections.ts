import { connect, isIPv4, type Socket } from 'node:net';
import { abortError, RemoteError } from '../../core/errors.ts';
import type { Host, HostProfile } from '../../core/host.ts';
import { t } from '../../core/l10n.ts';
import type { Log } from '../../core/log.ts';
import type { ProxyDialer } from '../proxy/proxyDialer.ts';
import { connectInSlabs } from '../slabReads.ts';
import { eprt, listenForServer, port } from './activeMode.ts';
import { AgreedConnection } from './agreedConnection.ts';
import { said, type ControlConnection } from './controlConnection.ts';
import { isActive, NoDataConnection, type DataMode, type Opening } from './dataOpening.ts';
import { epsvPort, pasvAddress, plainAddress } from './passive.ts';
import { isFailure } from './reply.ts';
import { proxiedOpening } from './proxiedOpening.ts';
import type { SecureConnection } from './secureConnection.ts';

/** Ports below are other services': no server offers data there, but one could have us speak to them (RFC 2577 §3). */
const firstFreePort = 1024;

/** Ms that a data connection waits for its command: well below what servers and routers in between bear. */
const longHold = 20_000;
/** The same, where the server has few ports. */
const shortHold = 2_000;
const recentPorts = 16;
/** In a row, until none is made ahead any more. */
const maxMisses = 2;

interface DataSettings {
  readonly host: Host;
  readonly profile: HostProfile;
  readonly log: Log;
  /** Ms for a data connection to come up. */
  readonly connectDeadline: number;
  readonly learn: (facts: HostProfile) => void;
  /** What control and data connections go through. */
  readonly proxy: ProxyDialer | undefined;
}

/** How data connections of one control connection are made, and which way works here. */
export class DataConnections {
  readonly secure: SecureConnection | undefined;
  /** Whether the server is known to keep content that comes before it handled the command. */
  takesEarlyContent = false;
  readonly #control: ControlConnection;
  readonly #settings: DataSettings;
  #proven: DataMode | undefined;
  #agreed: AgreedConnection | undefined;
  /** Of the latest passive replies, newest last. */
  readonly #ports: number[] = [];
  /** Connections that were there and then useless, in a row. */
  #misses = 0;

  constructor(control: ControlConnection, secure: SecureConnection | undefined, settings: DataSettings) {
    this.#control = control;
    this.secure = secure;
    this.#settings = settings;
    void control.closed.then(() => this.#agreed?.end());
  }

  /** Whether `mode` carried a transfer on this control connection: then its connection can be made while the command travels. */
  isProven(mode: DataMode): boolean {
    return this.#proven === mode;
  }

  /** The modes to try, best first. */
  modes(): readonly DataMode[] {
    if (this.#proven) return [this.#proven];
    const { host, profile, proxy } = this.#settings;
    // No server connects back through a proxy.
    if (proxy !== undefined) return ['EPSV', 'PASV'];
    const v4 = isIPv4(plainAddress(this.#control.socket.remoteAddress ?? ''));
    const passive: DataMode[] = v4 ? ['EPSV', 'PASV'] : ['EPSV'];
    const active: DataMode[] = v4 && isIPv4(host.ftp.activeAddress ?? '127.0.0.1') ? ['EPRT', 'PORT'] : ['EPRT'];
    if (host.ftp.mode === 'passive') return passive;
    if (host.ftp.mode === 'active') return active;
    return profile.dataMode === 'active' ? [...active, ...passive] : [...passive, ...active];
  }

  /** A transfer worked in `mode`. */
  prove(mode: DataMode): void {
    if (this.#proven === mode) return;
    this.#proven = mode;
    this.#learn(isActive(mode) ? 'active' : 'passive');
  }

  /** The server sent no data connection although it agreed: the next control connection begins with the other way. */
  disprove(mode: DataMode): void {
    this.#learn(isActive(mode) ? 'passive' : 'active');
  }

  /** Whether a data connection waits for the next transfer. */
  get isReady(): boolean {
    return this.#agreed?.isReady === true;
  }

  /** Resolves once one does; never where none was agreed on. */
  get ready(): Promise<undefined> {
    return this.#agreed?.ready ?? new Promise(() => {});
  }

  /** Agrees on the data connection of the next transfer, in the flight of what is asked next, where there is none yet. */
  agree(): void {
    const mode = this.modes()[0];
    // pyftpdlib answers EPRT and PORT only once it is connected, and other commands meanwhile.
    if (this.#agreed || !mode || isActive(mode)) return;
    this.#agreed = new AgreedConnection(mode, this.prepare(mode), holdAfter(this.#ports), (end) => {
      if (this.#agreed === end) this.#agreed = undefined;
    });
  }

  /** With the log-in, for what comes first. */
  agreeEarly(): void {
    const mode = this.modes()[0];
    if (!this.#control.sequential && mode && !isActive(mode)) this.agree();
  }

  /**
   * After a transfer: agrees on the connection of the next one, so that its command is all that it takes. Not with servers that want one
   * command at a time, and not where such connections proved useless.
   */
  agreeAhead(): void {
    if (this.#control.sequential || this.#control.reason || this.#misses >= maxMisses) return;
    if (this.#proven && !isActive(this.#proven)) this.agree();
  }

  /** What was agreed on, or undefined where that is nothing; of use once. */
  take(mode: DataMode): Promise<Opening> | undefined {
    return this.#agreed?.mode === mode ? this.#agreed.take() : undefined;
  }

  /** Whether a connection that had waited for its command was good for it. */
  noteReady(worked: boolean): void {
    this.#misses = worked ? 0 : this.#misses + 1;
  }

  /** Agrees with the server on a data connection. Throws `NoDataConnection` where the server refuses the command. */
  prepare(mode: DataMode): Promise<Opening> {
    return isActive(mode) ? this.#prepareActive(mode) : this.#preparePassive(mode);
  }

  #learn(dataMode: 'passive' | 'active'): void {
    const { host, profile, learn } = this.#settings;
    if (host.ftp.mode === 'auto' && (profile.dataMode ?? 'passive') !== dataMode) learn({ dataMode });
  }

  async #preparePassive(mode: 'EPSV' | 'PASV'): Promise<Opening> {
    const reply = await this.#control.request(mode);
    const number = mode === 'EPSV' ? epsvPort(reply) : pasvAddress(reply)?.port;
    if (isFailure(reply) || number === undefined) throw new NoDataConnection(t('the server answered {0} with {1}', mode, said(reply)));
    if (number < firstFreePort) throw new NoDataConnection(t('the server named port {0}, which belongs to another service', number));
    this.#notePort(number);
    // Never to where a reply points: a server could use us to reach others, and behind NAT the address is wrong anyway.
    const peer = this.#control.socket.remoteAddress ?? '';
    if (mode === 'PASV' && pasvAddress(reply)?.address !== plainAddress(peer)) {
      this.#settings.log.debug(`The address in the PASV reply is not the server's; ${peer} is used.`);
    }
    const { proxy, host, connectDeadline } = this.#settings;
    if (proxy !== undefined) return proxiedOpening(mode, proxy, { address: host.address, port: number }, connectDeadline);
    let socket: Socket | undefined;
    return {
      mode,
      connect: (signal) => {
        const place = { host: peer, port: number, noDelay: true };
        // Encryption reads past the socket.
        socket = this.secure ? connect(place) : connectInSlabs(place);
        return connected(socket, signal, connectDeadline);
      },
      cancel: () => socket?.destroy(),
    };
  }

  #notePort(number: number): void {
    this.#ports.push(number);
    if (this.#ports.length > recentPorts) this.#ports.shift();
  }

  async #prepareActive(mode: 'EPRT' | 'PORT'): Promise<Opening> {
    const { host, log, connectDeadline } = this.#settings;
    const waiting = await listenForServer(this.#control.socket, host.ftp, log);
    try {
      const reply = await this.#control.request((mode === 'EPRT' ? eprt : port)(waiting.address, waiting.port));
      if (isFailure(reply)) throw new NoDataConnection(t('the server answered {0} with {1}', mode, said(reply)));
    } catch (error) {
      waiting.close();
      throw error;
    }
    return {
      mode,
      connect: (signal) => acceptedInTime(waiting.accepted, signal, connectDeadline),
      cancel: () => waiting.close(),
    };
  }
}

/**
 * How long a connection may wait where `ports` were the latest ones: of a server that gives every fourth again, so of some 20 or fewer,
 * others may want one too. Even of hundreds one comes again now and then.
 */
export function holdAfter(ports: readonly number[]): number {
  const repeats = ports.length - new Set(ports).size;
  return repeats > 0 && repeats * 4 >= ports.length ? shortHold : longHold;
}

function connected(socket: Socket, signal: AbortSignal, deadline: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const settle = (error?: RemoteError): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.off('connect', onConnect).off('error', onError);
      socket.on('error', () => {});
      if (!error) {
        resolve(socket);
        return;
      }
      socket.destroy();
      reject(error);
    };
    const onAbort = (): void => settle(abortError(signal));
    const onConnect = (): void => settle();
    const onError = (error: Error): void => settle(new NoDataConnection(error.message, error));
    const timer = setTimeout(() => settle(new NoDataConnection(t('the server did not answer in time'))), deadline);
    socket.on('connect', onConnect).on('error', onError);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}

function acceptedInTime(accepted: Promise<Socket>, signal: AbortSignal, deadline: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    };
    const onAbort = (): void => {
      settle();
      reject(abortError(signal));
    };
    const timer = setTimeout(() => {
      settle();
      reject(new NoDataConnection(t('the server did not connect to this computer in time')));
    }, deadline);
    void accepted.then((socket) => {
      settle();
      resolve(socket);
    });
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
