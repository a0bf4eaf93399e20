/** One command of a plain FTP dialogue that the server never gets; in its place it is refused. */
export interface Refusal {
  /** Matched against the command's line. */
  readonly command: RegExp;
  /** A whole reply, with its line end. */
  readonly reply: string;
  /** The control connection ends after the reply. */
  readonly hangUp?: boolean;
}

/** Every server answers it with 500, or 530 before the log-in, and does nothing else: so the refusal comes in the order of the commands. */
const unknownCommand = 'XFERRY\r\n';

/**
 * Puts a refusal between a client and a server: a command is given to the server as an unknown one, and its reply to that is replaced.
 * Lines are taken to come whole, as they do on loopback.
 */
export class RefusalPoint {
  #pending: Refusal | undefined;
  #waiting: Refusal | undefined;

  readonly #onStrike: () => void;

  /** `onStrike`: the refusal goes to the client now. */
  constructor(refusal: Refusal, onStrike: () => void) {
    this.#pending = refusal;
    this.#onStrike = onStrike;
  }

  fromClient(chunk: Buffer): Buffer {
    const refusal = this.#pending;
    if (refusal === undefined) return chunk;
    const lines = linesOf(chunk);
    const index = lines.findIndex((line) => refusal.command.test(line.trimEnd()));
    if (index < 0) return chunk;
    this.#pending = undefined;
    this.#waiting = refusal;
    return Buffer.from(lines.with(index, unknownCommand).join(''), 'latin1');
  }

  /** What goes to the client, and whether the connection is to end then. */
  fromServer(chunk: Buffer): { readonly passing: Buffer; readonly hangUp: boolean } {
    const refusal = this.#waiting;
    if (refusal === undefined) return { passing: chunk, hangUp: false };
    const lines = linesOf(chunk);
    const index = lines.findIndex((line) => /^5[03]0 /.test(line));
    if (index < 0) return { passing: chunk, hangUp: false };
    this.#waiting = undefined;
    this.#onStrike();
    const hangUp = refusal.hangUp === true;
    const rest = hangUp ? [] : lines.slice(index + 1);
    return { passing: Buffer.from([...lines.slice(0, index), refusal.reply, ...rest].join(''), 'latin1'), hangUp };
  }
}

function linesOf(chunk: Buffer): string[] {
  return chunk.toString('latin1').split(/(?<=\n)/);
}
