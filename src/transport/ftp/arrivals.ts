import type { Socket } from 'node:net';
import { finished } from 'node:stream';
import { t } from '../../core/l10n.ts';
import { divert } from '../slabReads.ts';

/** So many bytes may wait for whoever takes them; then the sender waits. */
const mostWaiting = 1024 * 1024;

/**
 * What a socket reads, in the pieces that the system gave. A stream's own iterator joins those that came together into new memory, and makes
 * promises, events and a turn for each.
 */
export class Arrivals {
  readonly #socket: Socket;
  readonly #deadline: number;
  readonly #pieces: Buffer[] = [];
  readonly #stop: () => void;
  readonly #timer: ReturnType<typeof setTimeout>;
  #waiting = 0;
  #isPaused = false;
  #end: { readonly error: Error | undefined } | undefined;
  #settle: ((error?: Error) => void) | undefined;

  /** `deadline`: ms that may pass without a piece. */
  constructor(socket: Socket, deadline: number) {
    this.#socket = socket;
    this.#deadline = deadline;
    const onData = (piece: Buffer): void => this.#keep(piece);
    const forget = finished(socket, { writable: false }, (error) => {
      this.#end = { error: error ?? undefined };
      this.#settle?.(this.#end.error);
    });
    this.#timer = setTimeout(() => this.#expire(), deadline);
    this.#stop = () => {
      clearTimeout(this.#timer);
      divert(socket, undefined);
      socket.off('data', onData);
      forget();
      socket.pause();
    };
    divert(socket, onData);
    // What the stream has already comes first: in this turn, where reading takes another.
    socket.on('data', onData).resume();
  }

  /** The next piece of those that are there; undefined: there is none. */
  take(): Buffer | undefined {
    const piece = this.#pieces.shift();
    if (piece === undefined) return undefined;
    this.#waiting -= piece.byteLength;
    if (this.#isPaused && this.#pieces.length === 0) {
      this.#isPaused = false;
      this.#socket.resume();
    }
    return piece;
  }

  /**
   * Resolves when there is a piece again, or never will be one any more; rejects where the connection failed, or nothing came in time. To be
   * called when there is none.
   */
  more(): Promise<void> {
    this.#timer.refresh();
    return new Promise((resolve, reject) => {
      this.#settle = (error) => {
        this.#settle = undefined;
        if (error === undefined) resolve();
        else reject(error);
      };
      if (this.#end) this.#settle(this.#end.error);
    });
  }

  /** No more is taken. */
  stop(): void {
    this.#stop();
  }

  #keep(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#waiting += piece.byteLength;
    this.#settle?.();
    if (this.#waiting < mostWaiting || this.#isPaused) return;
    this.#isPaused = true;
    this.#socket.pause();
  }

  #expire(): void {
    const settle = this.#settle;
    // Where this computer stood still, data may be there, unread: it counts first.
    setImmediate(() => {
      if (settle !== undefined && settle === this.#settle) settle(stalled(this.#deadline));
    });
  }
}

/** `deadline`: ms. */
export function stalled(deadline: number): Error {
  return new Error(t('No data moved for {0} seconds.', Math.round(deadline / 1000)));
}
