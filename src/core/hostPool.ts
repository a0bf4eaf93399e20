import type { Clock } from './clock.ts';
import { bulkRoom, chooseConnection, type Connection, createConnection, holdersOf, isAlive } from './connection.ts';
import { abortError, isRemoteError, RemoteError, toRemoteError } from './errors.ts';
import type { Host } from './host.ts';
import { t } from './l10n.ts';
import type { HostState, Lane, PoolContext, RunOptions } from './pool.ts';
import type { Remote } from './remote.ts';
import { pause, retryConnect } from './retry.ts';
import { createSessionPrompts } from './sessionPrompts.ts';

/** How long, in ms, a failure that asked for the person answers everybody: an Explorer asks ten things at once. */
const guardTime = 3000;
/** After so long without use, in ms, a connection beyond the first is closed; looked at four times in that time. */
const idleTime = 60_000;
/** How long, in ms, a refused further connection is not tried again. */
const refusalTime = 300_000;

interface Waiter {
  readonly lane: Lane;
  grant(connection: Connection): void;
  fail(error: RemoteError): void;
}

interface Opening {
  readonly abort: AbortController;
  /** It is the only one, and may ask the person. */
  readonly first: boolean;
  /** The settings changed meanwhile: its outcome is nobody's. */
  superseded: boolean;
  done: Promise<void>;
}

/** The connections to one host and the line of work that waits for one. */
export class HostPool {
  readonly #context: PoolContext;
  readonly #clock: Clock;
  readonly #changed: () => void;
  readonly #session;
  #host: Host;
  #connections: Connection[] = [];
  #line: Waiter[] = [];
  readonly #openings = new Set<Opening>();
  readonly #closings = new Set<Promise<void>>();
  #failure: { readonly error: RemoteError; readonly at: number } | undefined;
  /** The last attempt to connect succeeded. */
  #known = false;
  #lowered: { readonly limit: number; readonly until: number } | undefined;
  #cancelSweep: (() => void) | undefined;

  constructor(host: Host, context: PoolContext, clock: Clock, changed: () => void) {
    this.#host = host;
    this.#context = context;
    this.#clock = clock;
    this.#changed = changed;
    this.#session = createSessionPrompts(context.prompts);
  }

  get state(): HostState {
    const connections = this.#connections.length;
    const busy = this.#connections.reduce((sum, connection) => sum + holdersOf(connection), 0);
    if (connections > 0) return { state: 'connected', connections, busy };
    if (this.#openings.size > 0) return { state: 'connecting', connections, busy };
    return this.#failure === undefined
      ? { state: 'disconnected', connections, busy }
      : { state: 'error', error: this.#failure.error, connections, busy };
  }

  /** Takes over changed settings: what runs ends on the old connections, everything else gets new ones. */
  update(host: Host): void {
    if (JSON.stringify(host) === JSON.stringify(this.#host)) return;
    this.#host = host;
    this.#lowered = undefined;
    this.#failure = undefined;
    for (const opening of this.#openings) supersede(opening);
    for (const connection of [...this.#connections]) {
      connection.retired = true;
      if (holdersOf(connection) === 0) this.#discard(connection);
    }
  }

  async run<T>(task: (remote: Remote, signal: AbortSignal) => Promise<T>, options: RunOptions): Promise<T> {
    const { signal, lane = 'interactive', repeatable = false } = options;
    let lostAt: number | undefined;
    for (;;) {
      const connection = await this.#lease(lane, signal, lostAt);
      const { signal: ended } = connection.ended;
      const both = signal === undefined ? ended : AbortSignal.any([signal, ended]);
      try {
        const result = await task(connection.remote, both);
        this.#release(connection, lane, undefined);
        return result;
      } catch (error) {
        const failure = toRemoteError(error);
        this.#release(connection, lane, failure);
        if (lostAt !== undefined || !repeatable || !failure.retryable || both.aborted) throw failure;
        lostAt = this.#clock.now();
        if (!failure.dropsConnection) await pause(500, this.#clock, both);
      }
    }
  }

  async connect(signal: AbortSignal | undefined): Promise<void> {
    this.#failure = undefined;
    const connection = await this.#lease('interactive', signal, undefined);
    this.#release(connection, 'interactive', undefined);
  }

  async end(reason: RemoteError): Promise<void> {
    this.#session.forget();
    this.#failure = undefined;
    this.#known = false;
    this.#cancelSweep?.();
    this.#cancelSweep = undefined;
    for (const waiter of [...this.#line]) waiter.fail(reason);
    const openings = [...this.#openings].map((opening) => {
      supersede(opening);
      return opening.done;
    });
    for (const connection of [...this.#connections]) {
      connection.ended.abort(reason);
      this.#discard(connection);
    }
    await Promise.all([...openings, ...this.#closings]);
    this.#changed();
  }

  get #limit(): number {
    const { maxConnections = Infinity } = this.#context.profiles.get(this.#host.name);
    const lowered = this.#lowered !== undefined && this.#clock.now() < this.#lowered.until ? this.#lowered.limit : Infinity;
    return Math.max(1, Math.min(this.#host.connections, maxConnections, lowered));
  }

  async #lease(lane: Lane, signal: AbortSignal | undefined, lostAt: number | undefined): Promise<Connection> {
    for (;;) {
      const connection = await this.#wait(lane, signal);
      if (await isAlive(connection, this.#clock, lostAt)) return connection;
      this.#release(connection, lane, new RemoteError('Lost', t('The connection was lost while nothing used it.')));
    }
  }

  async #wait(lane: Lane, signal: AbortSignal | undefined): Promise<Connection> {
    if (signal?.aborted === true) throw abortError(signal);
    if (!this.#connections.some(({ retired }) => !retired)) this.#assertMayConnect();
    const { promise, resolve, reject } = Promise.withResolvers<Connection>();
    const leave = () => {
      signal?.removeEventListener('abort', abort);
      this.#line = this.#line.filter((other) => other !== waiter);
    };
    const waiter: Waiter = {
      lane,
      grant(connection) {
        leave();
        resolve(connection);
      },
      fail(error) {
        leave();
        reject(error);
      },
    };
    const abort = () => {
      if (signal !== undefined) waiter.fail(abortError(signal));
      // Nobody waits for it any more.
      if (this.#line.length === 0) for (const opening of this.#openings) if (opening.first) supersede(opening);
    };
    signal?.addEventListener('abort', abort, { once: true });
    this.#line.push(waiter);
    this.#dispatch();
    return promise;
  }

  #assertMayConnect(): void {
    const refusal = this.#context.mayConnect(this.#host);
    if (refusal !== undefined) throw refusal;
    if (this.#failure === undefined || this.#openings.size > 0) return;
    const { error, at } = this.#failure;
    if (isRemoteError(error, 'Auth', 'Untrusted', 'Cancelled') && this.#clock.now() - at < guardTime) throw error;
  }

  /** Hands out what is free, interactive work first, and opens what is wanted and allowed. */
  #dispatch(): void {
    for (const lane of ['interactive', 'bulk'] as const) {
      for (const waiter of this.#line.filter((other) => other.lane === lane)) {
        const connection = chooseConnection(this.#connections, lane, this.#limit);
        if (connection === undefined) break;
        connection.holders[lane] += 1;
        waiter.grant(connection);
      }
    }
    for (let wanted = this.#wanted(); wanted > 0; wanted -= 1) this.#open();
    this.#changed();
  }

  /** How many connections to open now: one where there is none yet or all can share it, else one for each that waits. */
  #wanted(): number {
    const usable = this.#connections.filter(({ retired }) => !retired);
    const room = this.#limit - this.#connections.length - this.#openings.size;
    if (this.#line.length === 0) return 0;
    const first = usable[0];
    // Retired ones still busy must not keep new settings from being used.
    if (first === undefined) return [...this.#openings].some(({ superseded }) => !superseded) ? 0 : 1;
    if (first.remote.facts.parallel > 1) return Math.min(1 - this.#openings.size, room);
    const interactive = this.#line.filter(({ lane }) => lane === 'interactive').length;
    const bulk = Math.min(this.#line.length - interactive, Math.max(0, bulkRoom(usable, this.#limit)));
    return Math.min(interactive + bulk - this.#openings.size, room);
  }

  #open(): void {
    const first = !this.#connections.some(({ retired }) => !retired);
    const opening: Opening = { abort: new AbortController(), first, superseded: false, done: Promise.resolve() };
    this.#openings.add(opening);
    opening.done = this.#openNow(opening);
  }

  async #openNow(opening: Opening): Promise<void> {
    const { signal } = opening.abort;
    try {
      const remote = await this.#connect(opening.first, signal);
      if (opening.superseded) this.#close(remote);
      else this.#admit(remote);
    } catch (error) {
      if (!opening.superseded) this.#refused(opening, toRemoteError(error));
    } finally {
      this.#openings.delete(opening);
      this.#dispatch();
    }
  }

  #connect(first: boolean, signal: AbortSignal): Promise<Remote> {
    const { connect, profiles, trust } = this.#context;
    const host = this.#host;
    const log = this.#context.log(host.name);
    const attempt = async () => {
      // At least one turn later, also where `connect` fails at once: nobody is rejected in the middle of asking.
      await Promise.resolve();
      const refusal = this.#context.mayConnect(host);
      if (refusal !== undefined) throw refusal;
      const prompts = first ? this.#session.first : this.#session.further;
      const learn = (facts: Parameters<typeof profiles.learn>[1]) => profiles.learn(host.name, facts);
      return connect(host, { prompts, trust, log, profile: profiles.get(host.name), learn, signal });
    };
    return first ? retryConnect(attempt, { clock: this.#clock, signal, known: this.#known }) : attempt();
  }

  #admit(remote: Remote): void {
    const connection = createConnection(remote, this.#clock.now());
    this.#failure = undefined;
    this.#known = true;
    this.#connections.push(connection);
    const log = this.#context.log(this.#host.name);
    void remote.closed.then((reason) => {
      if (connection.gone) return;
      log.info(`Connection closed: ${reason.message}`);
      this.#discard(connection);
      this.#dispatch();
    });
    this.#sweepLater();
  }

  /** The first connection's failure is everybody's; a further one's only says how many the server wants. */
  #refused(opening: Opening, error: RemoteError): void {
    const log = this.#context.log(this.#host.name);
    log.warn(`${opening.first ? 'Connecting' : 'A further connection'} failed: ${error.code}: ${error.message}`);
    const { length } = this.#connections;
    if (!opening.first) {
      if (length === 0) return;
      this.#lowered = { limit: length, until: this.#clock.now() + refusalTime };
      if (saysTooMany(error)) this.#context.profiles.learn(this.#host.name, { maxConnections: length });
      return;
    }
    this.#known = false;
    this.#failure = { error, at: this.#clock.now() };
    if (error.code === 'Auth') this.#session.forget();
    for (const waiter of [...this.#line]) waiter.fail(error);
  }

  #release(connection: Connection, lane: Lane, failure: RemoteError | undefined): void {
    connection.holders[lane] -= 1;
    if (failure === undefined) connection.usedAt = this.#clock.now();
    else if (failure.dropsConnection) this.#discard(connection);
    else if (failure.code === 'Cancelled' || failure.code === 'Unknown') connection.suspect = true;
    if (connection.retired && holdersOf(connection) === 0) this.#discard(connection);
    this.#sweepLater();
    this.#dispatch();
  }

  #discard(connection: Connection): void {
    if (connection.gone) return;
    connection.gone = true;
    this.#connections = this.#connections.filter((other) => other !== connection);
    this.#close(connection.remote);
  }

  #close(remote: Remote): void {
    const log = this.#context.log(this.#host.name);
    const closing = remote.close().catch((error: unknown) => log.debug(`Closing: ${toRemoteError(error).message}`));
    this.#closings.add(closing);
    void closing.finally(() => this.#closings.delete(closing));
  }

  #sweepLater(): void {
    if (this.#cancelSweep !== undefined || this.#connections.length <= 1) return;
    this.#cancelSweep = this.#clock.after(idleTime / 4, () => {
      this.#cancelSweep = undefined;
      const [, ...further] = this.#connections;
      const now = this.#clock.now();
      for (const connection of further) if (holdersOf(connection) === 0 && now - connection.usedAt >= idleTime) this.#discard(connection);
      this.#sweepLater();
      this.#changed();
    });
  }
}

function supersede(opening: Opening): void {
  opening.superseded = true;
  opening.abort.abort(new RemoteError('Cancelled', t('Cancelled.')));
}

function saysTooMany({ code, message }: RemoteError): boolean {
  return code === 'Busy' || /too many|maximum|\blimit/i.test(message);
}
