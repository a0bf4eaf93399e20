import type { Socket } from 'node:net';
import { abortError } from '../../core/errors.ts';
import { isActive, type DataMode, type Opening } from './dataOpening.ts';
import { untilAborted } from './deadlines.ts';

/** A data connection that was agreed on before the command that will use it; in passive mode it is made as soon as the server named its port. */
export class AgreedConnection {
  readonly mode: DataMode;
  /** Resolves once the connection is there; never where it does not come. */
  readonly ready: Promise<undefined>;
  readonly #opening: Promise<Opening>;
  readonly #stop = new AbortController();
  readonly #onEnd: (end: AgreedConnection) => void;
  readonly #expiry: ReturnType<typeof setTimeout>;
  #socket: Socket | undefined;
  #isTaken = false;
  #resolveReady: (nothing: undefined) => void = () => {};

  /** `onEnd` is called when it can't be used any more: refused, failed, ended by the server, or not taken within `hold` ms. */
  constructor(mode: DataMode, agreed: Promise<Opening>, hold: number, onEnd: (end: AgreedConnection) => void) {
    this.mode = mode;
    this.#onEnd = onEnd;
    this.ready = new Promise((resolve) => (this.#resolveReady = resolve));
    this.#opening = isActive(mode) ? agreed : agreed.then((opening) => this.#connect(opening));
    this.#opening.catch(() => this.#leave());
    this.#expiry = setTimeout(() => this.end(), hold);
  }

  /** Whether the connection is there. */
  get isReady(): boolean {
    return this.#socket !== undefined;
  }

  /** For the one transfer that uses it; what becomes of it from here on is that one's concern. */
  take(): Promise<Opening> {
    this.#isTaken = true;
    this.#leave();
    return this.#opening;
  }

  /** Gives it up. */
  end(): void {
    this.#leave();
    this.#opening.then(
      (opening) => opening.cancel(),
      () => {},
    );
  }

  #connect(opening: Opening): Opening {
    const connecting = opening.connect(this.#stop.signal);
    connecting.then((socket) => this.#watch(socket), this.#leave);
    return {
      mode: opening.mode,
      connect: (signal) => (signal.aborted ? Promise.reject(abortError(signal)) : untilAborted(connecting, signal)),
      cancel: () => {
        this.#stop.abort();
        opening.cancel();
      },
    };
  }

  #watch(socket: Socket): void {
    if (this.#isTaken) return;
    this.#socket = socket;
    this.#resolveReady(undefined);
    socket.on('end', this.#onGone).on('close', this.#onGone);
  }

  readonly #onGone = (): void => this.end();

  readonly #leave = (): void => {
    clearTimeout(this.#expiry);
    this.#socket?.off('end', this.#onGone).off('close', this.#onGone);
    this.#onEnd(this);
  };
}
