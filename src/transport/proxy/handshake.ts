import type { Socket } from 'node:net';
import { abortError, type RemoteError } from '../../core/errors.ts';
import type { ProxyAddress } from '../../core/proxy.ts';
import { proxyUnreachable } from './proxyErrors.ts';

/** The words exchanged with a proxy before the connection is the destination's. What it says beyond them stays in the socket. */
export class Handshake {
  readonly #socket: Socket;
  readonly #proxy: ProxyAddress;
  readonly #signal: AbortSignal;
  /** What it means when the proxy closes the connection now; undefined: that it can't be reached. */
  closing: (() => RemoteError) | undefined;

  constructor(socket: Socket, proxy: ProxyAddress, signal: AbortSignal) {
    this.#socket = socket;
    this.#proxy = proxy;
    this.#signal = signal;
  }

  send(bytes: Uint8Array | string): void {
    this.#socket.write(bytes);
  }

  /** Exactly so many bytes, at least one. */
  async read(count: number): Promise<Buffer> {
    for (;;) {
      const bytes = this.#socket.read(count) as Buffer | null;
      if (bytes !== null && bytes.length === count) return bytes;
      // At the end of a stream less comes than was asked for.
      if (bytes !== null) throw this.#closed();
      await this.#more();
    }
  }

  /** All up to and with `end`; undefined where it does not come within `most` bytes. */
  async readUntil(end: string, most: number): Promise<string | undefined> {
    let text = '';
    while (text.length < most) {
      text += (await this.read(1)).toString('latin1');
      if (text.endsWith(end)) return text;
    }
    return undefined;
  }

  #closed(): RemoteError {
    return this.closing?.() ?? proxyUnreachable(this.#proxy, undefined);
  }

  #more(): Promise<void> {
    const socket = this.#socket;
    return new Promise((resolve, reject) => {
      const settle = (error?: RemoteError): void => {
        socket.off('readable', onReadable).off('error', onError).off('close', onClose);
        this.#signal.removeEventListener('abort', onAbort);
        if (error === undefined) resolve();
        else reject(error);
      };
      const onReadable = (): void => settle();
      const onError = (error: Error): void => settle(proxyUnreachable(this.#proxy, error));
      const onClose = (): void => settle(this.#closed());
      const onAbort = (): void => settle(abortError(this.#signal));
      socket.on('readable', onReadable).on('error', onError).on('close', onClose);
      this.#signal.addEventListener('abort', onAbort, { once: true });
      if (this.#signal.aborted) onAbort();
      else if (socket.destroyed || socket.readableEnded) onClose();
    });
  }
}
