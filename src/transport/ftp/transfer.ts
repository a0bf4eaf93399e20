import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { abortError, RemoteError, toRemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import type { Transfer } from './commandQueue.ts';
import { said, type ControlConnection } from './controlConnection.ts';
import { DataStream } from './dataStream.ts';
import type { DataConnections } from './dataConnections.ts';
import { NoDataConnection } from './dataOpening.ts';
import { isActive, type DataMode, type Opening } from './dataOpening.ts';
import { forSent, untilAborted, within, type Deadlines } from './deadlines.ts';
import { endOrderly } from './orderlyEnd.ts';
import { isCompletion, isFailure, isRefusal, saysNotOpened, type Reply } from './reply.ts';
import { RecordTap } from './recordTap.ts';
import type { SecureConnection } from './secureConnection.ts';

/** Replies of servers that have no data connection, or lost it (RFC 959 §4.2.2; 503: FileZilla Server). */
const noData: readonly number[] = [425, 426, 503];

export interface TransferRoute {
  readonly control: ControlConnection;
  readonly data: DataConnections;
  readonly deadlines: Deadlines;
}

export interface TransferOrder<T> {
  /** RETR, STOR, LIST, MLSD …, one character a byte. */
  readonly line: string;
  /** Commands that must be accepted after the data connection is agreed and right before `line`: REST. */
  readonly before?: readonly string[];
  /** Uses the data connection; what it resolves with is the value. */
  readonly use: (data: DataStream) => Promise<T>;
  /** Nothing but its end tells that all came: a listing. Then the stream tells whether that was an orderly one. */
  readonly unsized?: boolean;
  /** Whether little is to come, as far as is known once the data connection is there. */
  readonly isShort?: () => boolean | Promise<boolean>;
  /**
   * `use` sends: then it begins only when the server said that it is ready. `again`: it can be called again, so that with servers known to
   * take that it begins at once.
   */
  readonly sends?: 'once' | 'again';
  /** Asks what is to be known after the transfer: called when all was sent or came, where the server takes commands that wait. */
  readonly behind?: (value: T) => void;
  /** Whether what came is known to be all, whatever the server says of it: then nobody waits for that. */
  readonly isWhole?: (value: T) => boolean;
  readonly signal: AbortSignal;
}

/** `refused`: the server's reply instead of a transfer, or after one that failed. */
export type Outcome<T> = { readonly refused: Reply } | { readonly value: T };

/**
 * One transfer: a data connection is agreed, the command sent, the data moved, the server's confirmation awaited. Both must be: the end
 * of the data *and*, unless `isWhole`, the final reply. Tries the modes of `route.data` in order until one carries; then the next connection is prepared.
 */
export async function transfer<T>(route: TransferRoute, order: TransferOrder<T>): Promise<Outcome<T>> {
  let failure: RemoteError | undefined;
  for (const mode of route.data.modes()) {
    if (order.signal.aborted) throw abortError(order.signal);
    try {
      const outcome = (await tryReady(route, order, mode)) ?? (await new Attempt(route, order, await open(route, mode)).run());
      if ('refused' in outcome) return outcome;
      route.data.prove(mode);
      route.data.agreeAhead();
      return outcome;
    } catch (error) {
      if (!(error instanceof NoDataConnection)) throw error;
      if (route.control.reason) throw route.control.reason;
      failure = error;
    }
  }
  throw failure ?? new RemoteError('Unknown', t('No data connection could be made.'));
}

/** What was agreed on, or where that came to nothing in a mode that carries, another one. */
async function open({ data }: TransferRoute, mode: DataMode): Promise<Opening> {
  try {
    return await (data.take(mode) ?? data.prepare(mode));
  } catch (error) {
    if (!(error instanceof NoDataConnection) || !data.isProven(mode)) throw error;
    return data.prepare(mode);
  }
}

/** Over the connection that waits for it, where there is one; undefined where that turned out to be gone, before anything had moved. */
async function tryReady<T>(route: TransferRoute, order: TransferOrder<T>, mode: DataMode): Promise<Outcome<T> | undefined> {
  const { data, control } = route;
  if (!data.isReady) return undefined;
  const attempt = new Attempt(route, order, await open(route, mode));
  try {
    const outcome = await attempt.run();
    const maySendAgain = (code: number) => !attempt.hasMoved || (order.sends === 'again' && code !== 426);
    const isGone = 'refused' in outcome && noData.includes(outcome.refused.code) && maySendAgain(outcome.refused.code);
    data.noteReady(!isGone);
    return isGone ? undefined : outcome;
  } catch (error) {
    if (!(error instanceof NoDataConnection) || control.reason) throw error;
    data.noteReady(false);
    return undefined;
  }
}

class Attempt<T> {
  readonly #route: TransferRoute;
  readonly #order: TransferOrder<T>;
  readonly #opening: Opening;
  /** Ends all waiting of this attempt. */
  readonly #stop = new AbortController();
  #exchange: Transfer | undefined;
  #raw: Socket | undefined;
  #stream: DataStream | undefined;

  constructor(route: TransferRoute, order: TransferOrder<T>, opening: Opening) {
    this.#route = route;
    this.#order = order;
    this.#opening = opening;
  }

  /** Whether a byte went either way, or whoever has them was asked. */
  get hasMoved(): boolean {
    return this.#stream?.hasMoved === true;
  }

  async run(): Promise<Outcome<T>> {
    const { signal } = this.#order;
    const onAbort = (): void => this.#stop.abort(abortError(signal));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await this.#run();
    } catch (error) {
      const refused = await this.#settle(error);
      if (signal.aborted) throw abortError(signal);
      if (!refused) throw error;
      return this.#refused(refused);
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#stop.abort();
      this.#opening.cancel();
    }
  }

  async #run(): Promise<Outcome<T>> {
    const { control, data, deadlines } = this.#route;
    const connecting = this.#isEarly() ? undefined : await this.#opening.connect(this.#stop.signal);
    for (const line of this.#order.before ?? []) {
      const reply = await control.request(line);
      if (isRefusal(reply)) return { refused: reply };
    }
    const exchange = (this.#exchange = control.transfer(this.#order.line));
    this.#watch(exchange);
    if (control.queuesBehindTransfers && !this.#order.sends) data.agreeAhead();
    const coming = connecting ? Promise.resolve(connecting) : this.#opening.connect(this.#stop.signal);
    coming.catch(() => {});
    const reply = await this.#readiness(exchange, coming);
    if (reply && isFailure(reply)) return this.#refused(reply);
    this.#raw = await coming;
    const tap = data.secure && this.#order.unsized === true ? new RecordTap(this.#raw) : undefined;
    const socket = data.secure ? await this.#secured(data.secure, tap ?? this.#raw) : this.#raw;
    if (this.#order.sends && !this.#beginsAtOnce()) {
      const first = await exchange.first;
      if (isFailure(first)) return this.#refused(first);
    }
    // It waits for the end of TLS on our side too before it confirms: that can go out with the handshake.
    if (data.secure?.takesEarlyEnd && (await this.#order.isShort?.())) endOrderly(socket);
    this.#stream = new DataStream(socket, deadlines.data, this.#stop.signal);
    if (tap) {
      this.#stream.endsOrderly = () => tap.endsWithAlert;
      // Some servers confirm only after that.
      socket.once('close', () => tap.destroy());
    }
    // Whoever gives or takes the bytes may hang for good; the end of the transfer must not.
    const value = await untilAborted(this.#order.use(this.#stream), this.#stop.signal);
    if (this.#stream.cut) {
      await this.#settle(undefined);
      return { value };
    }
    const confirmation = this.#confirmation(exchange, this.#stream.sent);
    confirmation.catch(() => {});
    if (!this.#order.sends) exchange.dataEnded();
    if (this.#order.sends ? control.queuesBehindTransfers : control.queuesBehindData) {
      this.#order.behind?.(value);
      data.agreeAhead();
    }
    if (this.#order.isWhole?.(value) === true) return { value };
    const final = await confirmation;
    return isCompletion(final) && !saysNotOpened(final) ? { value } : { refused: final };
  }

  async #confirmation(exchange: Transfer, sent: number): Promise<Reply> {
    const { control, deadlines } = this.#route;
    await exchange.first;
    control.expectFinal(deadlines.confirmation + forSent(sent));
    return exchange.final;
  }

  #beginsAtOnce(): boolean {
    const { data } = this.#route;
    return this.#order.sends === 'again' && data.takesEarlyContent && !isActive(this.#opening.mode) && data.isProven(this.#opening.mode);
  }

  /** No other deadline runs while a server that began the transfer says nothing in the handshake. */
  async #secured(secure: SecureConnection, raw: Duplex): Promise<Socket> {
    const socket = await within(secure.data(raw, this.#stop.signal), this.#route.deadlines.dataConnect);
    if (socket) return socket;
    throw new RemoteError('Lost', t('The encryption of the data connection did not come about in time.'));
  }

  /** Whether the data connection is made only after the command: always so in active mode; in passive mode it saves a round trip. */
  #isEarly(): boolean {
    return isActive(this.#opening.mode) || this.#route.data.isProven(this.#opening.mode);
  }

  /**
   * The command's first reply where it came before the data connection. With TLS the handshake waits for it if it comes soon: every
   * server is ready for it then, and some lose a handshake that comes before they handled the command.
   */
  #readiness(exchange: Transfer, coming: Promise<Socket>): Promise<Reply | undefined> {
    return Promise.race([
      exchange.first,
      coming.then(() => this.#route.data.secure?.readiness(exchange.first, this.#order.sends !== undefined)),
    ]);
  }

  #refused(reply: Reply): Outcome<T> {
    if ((reply.code === 425 || reply.code === 522) && !this.#route.data.isProven(this.#opening.mode))
      throw new NoDataConnection(said(reply));
    return { refused: reply };
  }

  /** A final reply that refuses or comes too early, or the end of the control connection, ends the data connection too. */
  #watch(exchange: Transfer): void {
    exchange.final.then(
      (reply) => {
        if (isFailure(reply)) this.#end(new RemoteError('Lost', t('The server ended the transfer: {0}', said(reply))));
        else if (this.#order.sends && this.#stream?.isEnding !== true)
          this.#end(new RemoteError('Lost', t('The server ended the transfer before it was given everything: {0}', said(reply))));
      },
      (error: unknown) => this.#end(toRemoteError(error)),
    );
  }

  #end(reason: RemoteError): void {
    this.#stop.abort(reason);
    this.#reset();
  }

  /** A reset, not an orderly end: to the server an orderly end of an upload is a whole file. */
  #reset(): void {
    this.#opening.cancel();
    this.#raw?.resetAndDestroy();
  }

  /**
   * After a failure, or when enough was read: the data connection is reset, and the server ends the transfer because of that. Only if it
   * does not, ABOR, which many servers hear no earlier. If that fails too, the control connection goes. The server's refusal, where that
   * is the reason for `error`.
   *
   * For an upload with TLS 1.2 ABOR and an orderly end come first: ProFTPD forgets a session whose connection was reset, and lets no other in.
   */
  async #settle(error: unknown): Promise<Reply | undefined> {
    const { control, data } = this.#route;
    const gently =
      this.#order.sends !== undefined && this.#stream?.failed === false && data.secure?.remembersSessions === true && !control.reason;
    if (!gently) this.#reset();
    if (!this.#exchange || control.reason) return undefined;
    if (gently) {
      control.abort();
      this.#stream?.end();
    }
    const reply = await this.#ending(this.#exchange, gently).catch(() => undefined);
    if (!reply) {
      if (error instanceof NoDataConnection) data.disprove(this.#opening.mode);
      control.fail(new RemoteError('Lost', t('The connection was given up because the server did not end a transfer.')));
    }
    const byData = this.#stream
      ? this.#stream.failed || error === this.#stop.signal.reason
      : error instanceof RemoteError && error.code !== 'Untrusted';
    return reply && byData && isFailure(reply) ? reply : undefined;
  }

  async #ending(exchange: Transfer, gently: boolean): Promise<Reply | undefined> {
    const { control, deadlines } = this.#route;
    const reply = await within(exchange.final, deadlines.cancel / 2);
    if (reply || gently) return reply;
    this.#reset();
    control.abort();
    return within(exchange.final, deadlines.cancel / 2);
  }
}
