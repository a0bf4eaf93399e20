import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import { redacted, type Log } from '../../core/log.ts';
import { safeText } from '../../core/text.ts';
import { isMisplaced, newCommand, shown, takeSendable, type Command, type Exchange, type Patience, type Transfer } from './commandQueue.ts';
import { CommandSender } from './commandSender.ts';
import { failureText } from './failureText.ts';
import { watchLink } from './keepAlive.ts';
import { isCrowded, isPreliminary, NotFtp, ReplyParser, type Reply } from './reply.ts';

/** A password of fewer characters is taken out of the reply to PASS alone: it would be found in ordinary words. */
const shortSecret = 4;
/** A list that comes more slowly than that in a deadline is none. */
const fewestBytes = 256;

/**
 * The control connection (RFC 959 §3): commands in order, each with its reply and a deadline. Several may be on the way at once
 * unless `sequential`. When it fails, all that waits is rejected with the first reason. A reply that nobody asked for ends it:
 * after one, every later reply would be taken for the wrong command's.
 */
export class ControlConnection {
  /** Some servers drop what comes while they work on a command: then one command at a time. */
  sequential = false;
  /** Whether the server is known to read nothing while it works on a transfer, so that what is sent then just waits. */
  queuesBehindTransfers = false;
  /** Whether it is known to read nothing from the end of a download's data to its final reply. */
  queuesBehindData = false;
  /** Whether it is known to keep as many commands as a poll of many files takes. */
  keepsManyCommands = false;
  /** Called when commands that were sent together lost their replies, or replies their commands; the connection ends because of it. */
  mixedUp: () => void = ignore;
  /** Called when something came after lists that belongs to no command; the connection ends because of it. A name with a line break can end a list. */
  listBroken: () => void = ignore;
  /** Resolves with the first reason once the connection is gone. */
  readonly closed: Promise<RemoteError>;
  #socket: Socket;
  #sender: CommandSender;
  #reason: RemoteError | undefined;
  #resolveClosed: (reason: RemoteError) => void = () => {};
  readonly #parser: ReplyParser;
  readonly #queue: Command[] = [];
  readonly #log: Log;
  readonly #deadline: number;
  #noise = '';
  #lists = false;
  /** The password as it was sent. */
  #secret = '';
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Bytes since it was set. */
  #came = 0;

  /** `socket` is connected; `replyDeadline` in ms. */
  constructor(socket: Socket, log: Log, replyDeadline: number) {
    this.#socket = socket;
    this.#sender = new CommandSender(socket);
    this.#log = log;
    this.#deadline = replyDeadline;
    this.#parser = new ReplyParser((line) => this.#onNoise(line));
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    this.#listen(socket);
  }

  get socket(): Socket {
    return this.#socket;
  }

  /** Why the connection is gone; undefined while it is not. */
  get reason(): RemoteError | undefined {
    return this.#reason;
  }

  /** What came that was no reply, for the error that a server of another protocol gets. */
  get noise(): string {
    return this.#noise;
  }

  /** The reply that comes without a command: the greeting. */
  greeting(deadline: number): Promise<Reply> {
    return this.#enqueue('', deadline).exchange.final;
  }

  /** Sends `line` (one character a byte, no line end) and resolves with its final reply; `deadline` in ms. */
  request(line: string, deadline = this.#deadline): Promise<Reply> {
    return this.#enqueue(line, deadline).exchange.final;
  }

  /** As `request`, where the reply is a list that may have `bytes` more than other replies, and takes its time as long as it comes. */
  requestList(line: string, bytes: number, deadline = this.#deadline): Promise<Reply> {
    this.#parser.limit += bytes;
    this.#lists = true;
    const { command, exchange } = this.#enqueue(line, deadline);
    command.lists = true;
    const restore = (): void => void (this.#parser.limit -= bytes);
    exchange.final.then(restore, restore);
    return exchange.final;
  }

  /** Sends the command of a transfer. After its preliminary reply no deadline runs until `expectFinal`. */
  transfer(line: string): Transfer {
    const { command, exchange } = this.#enqueue(line, this.#deadline, true);
    watchLink(this.#socket, exchange.final);
    const dataEnded = (): void => {
      if (!this.queuesBehindData || this.sequential) return;
      command.ending = true;
      this.#send();
    };
    return { ...exchange, dataEnded };
  }

  /** The running transfer's final reply is due in `ms`. */
  expectFinal(ms: number): void {
    if (this.#queue[0]?.running) this.#arm(ms);
  }

  /**
   * Ends the running transfer whose final reply does not come: some servers send none when the data connection breaks, and the replies to ABOR
   * differ in number. So all are read away up to that of NOOP, the only 200 among them; the transfer then counts as 426.
   */
  abort(): void {
    const transfer = this.#queue[0];
    // What was sent behind it is answered too, and some of those replies look like that of NOOP.
    if (!transfer || transfer.draining || transfer.ending || this.#reason || this.#queue[1]?.sent === true) return;
    transfer.draining = true;
    this.#log.trace('> ABOR');
    this.#log.trace('> NOOP');
    this.#sender.send('ABOR\r\nNOOP\r\n');
  }

  /** Goes on over `secure`, which was made over the same socket. Fails if the server said more than the reply that led here. */
  detach(): Socket {
    if (this.#reason) throw this.#reason;
    const injected = this.#parser.hasRest || this.#queue.length > 0 || this.#socket.readableLength > 0;
    if (injected) {
      // Whoever sits in between could put replies in front of the encrypted ones.
      const error = new RemoteError('Untrusted', t('The server sent more before the encryption began. The connection was refused.'));
      this.fail(error);
      throw error;
    }
    this.#unlisten(this.#socket);
    this.#socket.on('error', ignore);
    return this.#socket;
  }

  attach(secure: TLSSocket): void {
    this.#socket = secure;
    this.#sender = new CommandSender(secure);
    if (this.#reason) secure.destroy();
    else this.#listen(secure);
  }

  /** Ends the connection; the first reason stays. */
  fail(reason: RemoteError): void {
    if (this.#reason) return;
    this.#reason = reason;
    this.#disarm();
    this.#unlisten(this.#socket);
    this.#socket.on('error', ignore);
    this.#socket.destroy();
    for (const waiting of this.#queue.splice(0)) waiting.failed(reason);
    this.#log.debug(`Control connection ended: ${reason.message}`);
    this.#resolveClosed(reason);
  }

  #enqueue(line: string, deadline: number, transfers = false): { readonly command: Command; readonly exchange: Exchange } {
    const made = newCommand(line, deadline, transfers);
    if (this.#reason) made.command.failed(this.#reason);
    else {
      this.#queue.push(made.command);
      this.#send();
    }
    return made;
  }

  #send(): void {
    for (const command of takeSendable(this.#queue, this.#patience, this.keepsManyCommands)) {
      if (command === this.#queue[0]) this.#arm(command.deadline);
      if (command.line === '') continue;
      this.#log.trace(`> ${shown(command.line)}`);
      this.#secret = /^(?:PASS|ACCT) (.*)/is.exec(command.line)?.[1] ?? this.#secret;
      this.#sender.send(`${command.line}\r\n`);
    }
  }

  get #patience(): Patience {
    if (this.sequential) return 'nothing';
    return this.queuesBehindTransfers ? 'all' : 'untilTransfer';
  }

  #arm(ms: number): void {
    this.#disarm();
    this.#came = 0;
    const timer = setTimeout(() => {
      // Where this computer stood still, the answer may be there, unread: it counts first.
      setImmediate(() => {
        if (this.#timer === timer) this.#expire();
      });
    }, ms);
    this.#timer = timer;
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #expire(): void {
    const waiting = this.#queue[0];
    if (waiting?.followed === true && !waiting.running) this.mixedUp();
    this.fail(new RemoteError('Lost', t('The server did not answer in time.')));
  }

  #onReply(heard: Reply): void {
    const reply = { code: heard.code, lines: heard.lines.map((line) => this.#redact(line)) };
    if (this.#log.wantsTrace !== false) this.#log.trace(`< ${reply.code} ${shown(reply.lines.join('\n'))}`);
    const waiting = this.#queue[0];
    if (reply.code === 421) this.fail(serviceEnds(reply));
    else if (!waiting) this.loseTrack(said(reply));
    else if (waiting.draining && reply.code !== 200) return;
    else if (isMisplaced(this.#queue, reply)) {
      this.mixedUp();
      this.fail(new RemoteError('Lost', t('The server mixed up its answers: {0}', said(reply))));
    } else if (isPreliminary(reply)) {
      // "Wait", said again and again or to any command, is no reason to wait for ever.
      if (!waiting.transfers || waiting.running) return;
      waiting.running = true;
      this.#disarm();
      waiting.started(reply);
    } else {
      this.#queue.shift();
      this.#disarm();
      waiting.done(waiting.draining ? { code: 426, lines: [t('The transfer was ended by Ferry.')] } : reply);
      if (this.#queue[0]) this.#arm(this.#queue[0].deadline);
      this.#send();
    }
  }

  /** Some servers repeat what they do not understand: a password is not theirs to show. */
  #redact(text: string): string {
    const isShort = this.#secret.length < shortSecret && !/^(?:PASS|ACCT) /i.test(this.#queue[0]?.line ?? '');
    return this.#secret === '' || isShort ? text : text.replaceAll(this.#secret, redacted);
  }

  #onNoise(heard: string): void {
    const line = this.#redact(heard);
    this.#log.trace(`< ${shown(line)}`);
    if (this.#noise.length < 200) this.#noise += `${line.slice(0, 200)} `;
    if (this.#lists) this.loseTrack(safeText(line, 80));
  }

  /** Ends the connection because `heard` belongs to no command. */
  loseTrack(heard: string): void {
    if (this.#lists) this.listBroken();
    this.fail(new RemoteError('Lost', t('The server said something that was not asked: {0}', heard)));
  }

  readonly #onData = (bytes: Buffer): void => {
    let replies: readonly Reply[];
    try {
      replies = this.#parser.feed(bytes);
    } catch (error) {
      if (!(error instanceof NotFtp)) throw error;
      this.fail(new RemoteError('Lost', t('The server does not speak FTP: {0}', error.message), { retryable: false }));
      return;
    }
    for (const reply of replies) if (!this.#reason) this.#onReply(reply);
    this.#came += bytes.byteLength;
    if (this.#queue[0]?.lists === true && this.#came >= fewestBytes) this.#arm(this.#queue[0].deadline);
  };
  readonly #onEnd = (): void => this.fail(new RemoteError('Lost', t('The server closed the connection.')));
  readonly #onError = (error: Error): void =>
    this.fail(new RemoteError('Lost', t('The connection broke: {0}', failureText(error)), { cause: error }));

  #listen(socket: Socket): void {
    socket.on('data', this.#onData).on('end', this.#onEnd).on('close', this.#onEnd).on('error', this.#onError);
  }

  #unlisten(socket: Socket): void {
    socket.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onEnd).off('error', this.#onError);
  }
}

/** The words of a reply as a person may see them. */
export function said(reply: Reply): string {
  const text = Buffer.from(reply.lines.join(' '), 'latin1').toString('utf8');
  return `${reply.code} ${safeText(text, 300)}`.trim();
}

/** RFC 959 §4.2.2: 421, the server closes the control connection. */
function serviceEnds(reply: Reply): RemoteError {
  return isCrowded(reply)
    ? new RemoteError('Busy', t('The server takes no more connections now: {0}', said(reply)), { dropsConnection: true })
    : new RemoteError('Lost', t('The server ended the connection: {0}', said(reply)));
}

function ignore(): void {}
