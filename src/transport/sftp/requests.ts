import type { Duplex } from 'node:stream';
import { RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import { safeText } from '../../core/text.ts';
import { promised } from '../deadline.ts';
import { giveBack } from '../slabReads.ts';
import { encodePacket, PacketReader, PacketSplitter, ProtocolError, type Field } from './packets.ts';
import { packetType, version } from './protocol.ts';
import { Sender } from './sender.ts';
import { SpareMemory } from './spareMemory.ts';
import type { Scope } from './scope.ts';

/** Milliseconds that a request may take once it was sent. Replies to earlier requests restart the clock: servers answer in order. */
export interface Deadlines {
  /** Requests that move no file content. */
  readonly metadata: number;
  /** READ and WRITE: without a byte of progress. */
  readonly data: number;
  /** Requests that make the server write to its disk: fsync, CLOSE of a written file, copy-data. */
  readonly flush: number;
}

export const defaultDeadlines: Deadlines = { metadata: promised.request, data: promised.data, flush: 60_000 };

export interface Request<T> {
  readonly type: number;
  readonly fields: readonly Field[];
  /** Makes a value of the reply, or throws: a `ProtocolError` ends the connection, anything else rejects this request. */
  parse(type: number, reply: PacketReader): T;
  /** The call that this belongs to; when it ends, the request is forgotten. Undefined: belongs to the connection. */
  readonly scope: Scope | undefined;
  /** One of the deadlines, or one of its own, in ms. */
  readonly patience?: keyof Deadlines | number;
  /** `bulk` keeps the order among themselves and lets others pass while still waiting to be sent. */
  readonly lane?: 'bulk';
  /** Takes the value of a reply that came after the request was given up. */
  onLate?(value: T): void;
}

interface Pending {
  readonly patience: keyof Deadlines | number;
  /** Counts up as requests are sent; 0 before. */
  order: number;
  /** From when its deadline counts; Infinity until the channel took it. */
  clock: number;
  settled: boolean;
  readonly reply: (type: number, reader: PacketReader) => void;
  readonly reject: (reason: RemoteError) => void;
}

/** VERSION has no id; its place among the requests. */
const versionId = -1;

/**
 * The requests of one connection: each is settled once, by its reply, its deadline, its call's end or the connection's end, which
 * rejects all with the first reason. Replies that come too late are swallowed.
 */
export class Requests {
  readonly #channel: Duplex;
  readonly #deadlines: Deadlines;
  readonly #sender: Sender;
  readonly #splitter = new PacketSplitter();
  readonly #memory = new SpareMemory();
  /** Sent and unanswered, in the order of sending. */
  readonly #sent = new Map<number, Pending>();
  readonly #waiting = new Set<Pending>();
  readonly #onEnd: (reason: RemoteError) => void;
  #timer: NodeJS.Timeout | undefined;
  #lastId = 0;
  #lastOrder = 0;
  #ended: RemoteError | undefined;
  #greeted = false;
  #firstBytes = Buffer.alloc(0);
  /** Since the last look at the deadlines: the earliest request that was answered, and whether any byte came. */
  #answeredOrder = Infinity;
  #received = false;

  /** `onEnd` is called once, with the first reason. */
  constructor(channel: Duplex, deadlines: Deadlines, onEnd: (reason: RemoteError) => void) {
    this.#channel = channel;
    this.#deadlines = deadlines;
    this.#onEnd = onEnd;
    this.#sender = new Sender(channel);
    channel.on('data', (chunk: Buffer) => this.#take(chunk));
    channel.on('error', (error: Error) => this.end(error instanceof RemoteError ? error : lost(t('The connection broke.'), error)));
    // The reason known to whoever carries the channel comes a moment later than the channel's own end.
    const gone = () => setImmediate(() => this.end(lost(t('The server closed the connection.'))));
    channel.on('end', gone);
    channel.on('close', gone);
  }

  /** Why the connection is over; undefined while it lives. */
  get ended(): RemoteError | undefined {
    return this.#ended;
  }

  /** INIT; to be called once, before any request. Further requests may follow at once. `isSent`: it went out before, its reply is to be read. */
  greet<T>(parse: (reply: PacketReader) => T, scope: Scope, isSent = false): Promise<T> {
    const request: Request<T> = {
      type: packetType.INIT,
      fields: [version],
      scope,
      parse: (type, reply) => {
        if (type !== packetType.VERSION) throw new ProtocolError('no VERSION');
        return parse(reply);
      },
    };
    return this.#send(request, undefined, isSent ? Buffer.alloc(0) : undefined);
  }

  send<T>(request: Request<T>): Promise<T> {
    do this.#lastId = (this.#lastId + 1) >>> 0;
    while (this.#sent.has(this.#lastId));
    return this.#send(request, this.#lastId);
  }

  /** Ends the connection; only the first reason counts. */
  end(reason: RemoteError): void {
    if (this.#ended) return;
    this.#ended = reason;
    clearInterval(this.#timer);
    this.#sender.stop();
    const pending = [...this.#sent.values(), ...this.#waiting];
    this.#sent.clear();
    this.#waiting.clear();
    for (const request of pending) request.reject(reason);
    this.#channel.end();
    this.#channel.destroy();
    this.#onEnd(reason);
  }

  #send<T>(request: Request<T>, id: number | undefined, packet = encodePacket(request.type, id, request.fields, this.#memory)): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const over = this.#ended ?? request.scope?.reason;
      if (over) {
        reject(over);
        return;
      }
      const pending: Pending = {
        patience: request.patience ?? 'metadata',
        order: 0,
        clock: Infinity,
        settled: false,
        reply: (type, reader) => {
          const wasSettled = pending.settled;
          this.#settle(pending, leave);
          try {
            const value = request.parse(type, reader);
            if (wasSettled) request.onLate?.(value);
            else resolve(value);
          } catch (error) {
            const broken = error instanceof ProtocolError;
            reject(broken ? brokenProtocol(error) : error instanceof Error ? error : new Error(String(error)));
            if (broken) throw error;
          }
        },
        reject: (reason) => {
          this.#settle(pending, leave);
          reject(reason);
        },
      };
      const leave = request.scope?.enter(pending.reject);
      this.#enqueue(pending, packet, id ?? versionId, request.lane);
    });
  }

  #settle(pending: Pending, leave: (() => void) | undefined): void {
    pending.settled = true;
    this.#waiting.delete(pending);
    leave?.();
  }

  #enqueue(pending: Pending, packet: Buffer, id: number, lane: 'bulk' | undefined): void {
    this.#waiting.add(pending);
    this.#startTimer();
    this.#sender.add(
      {
        packet,
        take: () => {
          if (pending.settled) return false;
          this.#waiting.delete(pending);
          pending.order = ++this.#lastOrder;
          this.#sent.set(id, pending);
          return true;
        },
        taken: () => {
          pending.clock = performance.now();
          giveBack(packet);
        },
      },
      lane,
    );
  }

  #take(chunk: Buffer): void {
    if (this.#ended) return;
    this.#received = true;
    if (!this.#greeted) this.#firstBytes = Buffer.concat([this.#firstBytes, chunk.subarray(0, 200)]).subarray(0, 200);
    try {
      this.#splitter.push(chunk, (packet) => this.#dispatch(packet));
    } catch (error) {
      this.end(this.#greeted ? brokenProtocol(error) : notSftp(this.#firstBytes, error));
    }
  }

  #dispatch(packet: Buffer): void {
    if (this.#ended) return;
    const reader = new PacketReader(packet);
    const type = reader.byte();
    const id = this.#greeted ? reader.uint32() : versionId;
    const pending = this.#sent.get(id);
    if (!pending) throw new ProtocolError(`a reply to request ${id}, which was never made`);
    this.#greeted = true;
    this.#sent.delete(id);
    this.#answeredOrder = Math.min(this.#answeredOrder, pending.order);
    pending.reply(type, reader);
  }

  #startTimer(): void {
    const { metadata, data, flush } = this.#deadlines;
    // Where this computer stood still, answers may be there, unread: they count first.
    const check = (): unknown => setImmediate(() => this.#checkDeadlines());
    this.#timer ??= setInterval(check, Math.min(500, metadata / 4, data / 4, flush / 4));
  }

  #checkDeadlines(): void {
    if (this.#timer === undefined) return;
    const now = performance.now();
    if (this.#received) this.#sender.progressed();
    let patience = 0;
    let behindData = false;
    let waiting = this.#waiting.size > 0;
    for (const pending of [...this.#sent.values()]) {
      patience = Math.max(patience, typeof pending.patience === 'number' ? pending.patience : this.#deadlines[pending.patience]);
      behindData ||= pending.patience === 'data';
      const progress = this.#answeredOrder < pending.order || (this.#received && behindData);
      if (progress && pending.clock !== Infinity) pending.clock = now;
      if (pending.settled) continue;
      if (now - pending.clock > patience)
        pending.reject(lost(t('The server did not answer within {0} seconds.', Math.ceil(patience / 1000))));
      else waiting = true;
    }
    this.#answeredOrder = Infinity;
    this.#received = false;
    if (this.#sender.stalledFor(now) > this.#deadlines.data) this.end(lost(t('The server stopped taking data.')));
    if (waiting) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

export function lost(message: string, cause?: unknown): RemoteError {
  return new RemoteError('Lost', message, { hint: t('Check your network; Ferry connects again with the next action.'), cause });
}

export function brokenProtocol(cause: unknown): RemoteError {
  return lost(t('The server broke the SFTP protocol.'), cause);
}

/** A log-in script that prints something is the usual reason, as `sftp` tells it by "Received message too long". */
function notSftp(bytes: Buffer, cause: unknown): RemoteError {
  const text = safeText(bytes.toString('latin1'), 80);
  const printable = /^[\t\r\n\x1b -~]{4}/.test(bytes.toString('latin1'));
  if (!printable) return brokenProtocol(cause);
  return new RemoteError('Unsupported', t('The server printed text where SFTP should start: “{0}”.', text), {
    hint: t('A log-in script there (.bashrc, .profile) prints it: let it do so in interactive shells only.'),
    dropsConnection: true,
    cause,
  });
}
