import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import * as tls from 'node:tls';
import { abortError, RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import { serverName } from '../ftp/tlsSettings.ts';

export interface Place {
  readonly address: string;
  readonly port: number;
}

/** A TCP connection within `ms`. Rejects with the system's error, or with `Unreachable` where nothing answered in time. */
export function openSocket({ address, port }: Place, ms: number, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ host: address, port, noDelay: true });
  return settled(socket, 'connect', ms, signal);
}

/** TLS of any version with whoever answers: nothing but a greeting goes over it, so nobody's certificate matters. */
export function openTls(socket: Socket, address: string, ms: number, signal: AbortSignal): Promise<tls.TLSSocket> {
  const secure = tls.connect({
    ...{ socket, rejectUnauthorized: false, servername: serverName(address) },
    ...{ minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' },
  });
  return settled(secure, 'secureConnect', ms, signal);
}

function settled<T extends Socket>(socket: T, event: 'connect' | 'secureConnect', ms: number, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.off(event, onReady).off('error', settle).off('close', onClose);
      socket.on('error', () => {});
      if (!error) {
        resolve(socket);
        return;
      }
      socket.destroy();
      reject(error);
    };
    const onReady = (): void => settle();
    const onClose = (): void => settle(new RemoteError('Lost', t('The server closed the connection.')));
    const onAbort = (): void => settle(abortError(signal));
    const timer = setTimeout(() => settle(new RemoteError('Unreachable', t('no answer within {0} seconds', Math.round(ms / 1000)))), ms);
    socket.on(event, onReady).on('error', settle).on('close', onClose);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}

/** No greeting is looked at further. */
const mostHeard = 2048;

export interface Heard {
  /** The first bytes, one character each. */
  readonly text: string;
  /** The server ended the connection. */
  readonly ended: boolean;
}

/** What comes until a whole line of a greeting is there, `enough` says so, `ms` pass or the connection ends. */
export function hear(stream: Duplex, ms: number, signal: AbortSignal, enough: (text: string) => boolean): Promise<Heard> {
  return new Promise((resolve, reject) => {
    let text = '';
    const settle = (ended: boolean): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      stream.off('data', onData).off('end', onEnd).off('close', onEnd);
      stream.pause();
      resolve({ text, ended });
    };
    const onData = (chunk: Buffer): void => {
      text = (text + chunk.toString('latin1')).slice(0, mostHeard);
      if (text.length === mostHeard || enough(text)) settle(false);
    };
    const onEnd = (): void => settle(true);
    const onAbort = (): void => {
      reject(abortError(signal));
      settle(true);
    };
    const timer = setTimeout(() => settle(false), ms);
    stream.on('data', onData).on('end', onEnd).on('close', onEnd);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
