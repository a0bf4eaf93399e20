import { once } from 'node:events';
import type { Socket } from 'node:net';
import { RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import type { Content } from '../../core/remote.ts';
import { Arrivals, stalled } from './arrivals.ts';
import { failureText } from './failureText.ts';
import { endOrderly } from './orderlyEnd.ts';

/** What is handed over at once: a slow line takes that within its deadline, */
const leastSlice = 64 * 1024;
/** a fast one more, */
const mostSlice = 512 * 1024;
/** where the one before was taken in so many ms. */
const swift = 20;
/** A rest of at most so many bytes is let come and dropped: some servers end the control connection too when a transfer is cut off. */
export const worthCutting = 1024 * 1024;

/** A server that sends fewer bytes in two deadlines of waiting keeps us busy, nothing else. */
const fewestBytes = 256;

/** The bytes of one data connection. A stall of `deadline` ms is `Lost`; the time that the other side of Ferry needs does not count. */
export class DataStream {
  readonly #socket: Socket;
  readonly #deadline: number;
  readonly #signal: AbortSignal;
  /** Whether the data connection failed, rather than whoever gave or took the bytes. */
  failed = false;
  /** Whether all was handed over and the orderly end begun: before that no server can have it all. */
  isEnding = false;
  /** Whether the transfer was ended by us before its end, on purpose. */
  cut = false;
  /** Whether the server itself ended what it sent, as far as that can be told: without TLS an end looks like a cut. */
  endsOrderly = (): boolean => true;
  /** Bytes that were handed over to be sent. */
  sent = 0;
  /** Whether anything came, or was asked for to be sent. */
  hasMoved = false;

  /** `signal` aborts with the reason when the transfer is over for the server. */
  constructor(socket: Socket, deadline: number, signal: AbortSignal) {
    this.#socket = socket;
    this.#deadline = deadline;
    this.#signal = signal;
    socket.on('error', () => {});
  }

  /** What the server sends, to the end of the connection. */
  async *chunks(): AsyncGenerator<Uint8Array, void> {
    const arrivals = new Arrivals(this.#socket, this.#deadline);
    let waited = 0;
    let came = 0;
    try {
      for (;;) {
        let piece = arrivals.take();
        if (piece === undefined) {
          const began = performance.now();
          await arrivals.more().catch((error: unknown) => this.#fail(error));
          waited += performance.now() - began;
          piece = arrivals.take();
          if (piece === undefined) return;
        }
        if (this.#signal.aborted) throw this.#signal.reason;
        came += piece.byteLength;
        this.hasMoved = true;
        if (came >= fewestBytes) waited = came = 0;
        else if (waited > 2 * this.#deadline)
          this.#fail(new Error(t('Only {0} bytes came in {1} seconds.', came, Math.round(waited / 1000))));
        yield piece;
      }
    } finally {
      arrivals.stop();
    }
  }

  /** Takes what nobody wants, and cuts it off where it is long. */
  async drop(): Promise<void> {
    let came = 0;
    for await (const chunk of this.chunks()) {
      came += chunk.byteLength;
      if (came <= worthCutting) continue;
      this.cut = true;
      return;
    }
  }

  /** Sends all of `content` and an orderly end (with TLS a close_notify): without it the server may take a part for the whole. */
  async send(content: Content, onProgress: ((bytes: number) => void) | undefined): Promise<void> {
    // Tickets for the next data connection come on the reading side.
    this.#socket.resume();
    this.hasMoved = true;
    let most = leastSlice;
    for await (const chunk of content instanceof Uint8Array ? [content] : content) {
      for (let start = 0; start < chunk.byteLength;) {
        const slice = this.#kept(chunk.subarray(start, start + most));
        const began = performance.now();
        await this.#handOver(slice);
        most = performance.now() - began < swift ? Math.min(mostSlice, 2 * most) : leastSlice;
        start += slice.byteLength;
        onProgress?.(this.sent);
      }
    }
    this.isEnding = true;
    await this.#moving(
      new Promise<void>((resolve, reject) => {
        this.#socket.once('error', reject).once('close', () => reject(new Error(t('The data connection was closed.'))));
        endOrderly(this.#socket, resolve);
      }),
    );
  }

  /** What the socket may hold on to while it takes more is copied: whoever gave it may use its memory again. */
  #kept(slice: Uint8Array): Uint8Array {
    return slice.byteLength < this.#socket.writableHighWaterMark ? Uint8Array.from(slice) : slice;
  }

  async #handOver(slice: Uint8Array): Promise<void> {
    if (this.#signal.aborted) throw this.#signal.reason;
    if (this.#socket.destroyed) await this.#moving(Promise.reject(new Error(t('The data connection was closed.'))));
    if (!this.#socket.write(slice)) await this.#moving(once(this.#socket, 'drain', { signal: this.#signal }));
    this.sent += slice.byteLength;
  }

  /** An orderly end without waiting for it. */
  end(): void {
    endOrderly(this.#socket);
  }

  async #moving<T>(step: Promise<T>): Promise<T> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const standstill = new Promise<never>((_, reject) => {
      const expire = (): void => reject(stalled(this.#deadline));
      // As for arrivals.
      timer = setTimeout(() => setImmediate(expire), this.#deadline);
    });
    try {
      return await Promise.race([step, standstill]);
    } catch (error) {
      return this.#fail(error);
    } finally {
      clearTimeout(timer);
    }
  }

  #fail(error: unknown): never {
    this.failed = true;
    if (this.#signal.aborted) throw this.#signal.reason;
    throw new RemoteError('Lost', t('The transfer broke off: {0}', failureText(error)), { cause: error });
  }
}
