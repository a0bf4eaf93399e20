import type { Socket } from 'node:net';

/** Of more than 4 KB that come as one TLS record, ProFTPD (1.3.8) and Pure-FTPd (1.0.50) leave the last commands lying until others come. */
const mostBytes = 3 * 1024;

/** Sends lines over one socket, in pieces that each become a record of their own with TLS: the next is handed over once the one before was. */
export class CommandSender {
  readonly #socket: Socket;
  readonly #pieces: string[] = [];
  #isSending = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** `text`: whole lines, one character a byte. When the connection ends, ProFTPD takes the part of a line that it has for a whole command. */
  send(text: string): void {
    const last = this.#pieces.at(-1);
    if (last !== undefined && last.length + text.length <= mostBytes) this.#pieces[this.#pieces.length - 1] = last + text;
    else this.#pieces.push(text);
    if (!this.#isSending) this.#sendNext();
  }

  readonly #sendNext = (error?: Error | null): void => {
    const piece = error ? undefined : this.#pieces.shift();
    this.#isSending = piece !== undefined;
    if (piece !== undefined) this.#socket.write(Buffer.from(piece, 'latin1'), this.#sendNext);
  };
}
