import { type AttemptFailure, Attempts } from './attempts.ts';
import type { Clock } from './clock.ts';
import { connectFor } from './connectFor.ts';
import { chooseConnection, type Connection, createConnection, furtherWanted, holdersOf } from './connection.ts';
import { ConnectionLimit } from './connectionLimit.ts';
import { Endings } from './endings.ts';
import { abortError, RemoteError, toRemoteError } from './errors.ts';
import type { Host } from './host.ts';
import { stateOf } from './hostState.ts';
import { IdleSweep } from './idleSweep.ts';
import { t } from './l10n.ts';
import { Loans } from './loans.ts';
import type { Log } from './log.ts';
import type { HostState, Lane, PoolContext, RunOptions } from './pool.ts';
import type { Remote } from './remote.ts';
import { Openings } from './openings.ts';
import { doubt, isAlive, trustedTime } from './proof.ts';
import { pause } from './retry.ts';
import { isSameHost, settingsChanged } from './sameHost.ts';
import { createSessionPrompts } from './sessionPrompts.ts';
import { Setback } from './setback.ts';
import { SleepWatch } from './sleepWatch.ts';
import { WaitingLine } from './waitingLine.ts';

/** A person's work waits so long, in ms, for a connection that can't be made now. */
const patience = 10_000;
/** A connection that does not answer so long, in ms, gets another one beside it; whichever is there first is used. */
const standbyAfter = 1000;

type Job = Pick<RunOptions, 'signal'> & { readonly lane: Lane; readonly background: boolean; readonly demanded: boolean };

/** The connections to one host and the work that waits for one. */
export class HostPool {
  readonly #context: PoolContext;
  readonly #clock: Clock;
  readonly #changed: () => void;
  readonly #session;
  readonly #limit: ConnectionLimit;
  readonly #sleep: SleepWatch;
  readonly #sweep: IdleSweep;
  readonly #attempts: Attempts;
  readonly #line = new WaitingLine();
  readonly #openings: Openings;
  readonly #loans: Loans;
  readonly #setback: Setback;
  readonly #endings = new Endings();
  #host: Host;
  #connections: readonly Connection[] = [];
  /** The last attempt to connect succeeded. */
  #known = false;
  /** Connections in a row that were lost soon after they were made, with the last one. */
  #shortLived = 0;
  /** The person uses this host in this window, and did not end it. */
  #used = false;

  constructor(host: Host, context: PoolContext, clock: Clock, changed: () => void) {
    this.#host = host;
    this.#context = context;
    this.#clock = clock;
    this.#changed = changed;
    this.#session = createSessionPrompts(context.prompts);
    this.#limit = new ConnectionLimit(clock, context.profiles);
    this.#setback = new Setback(clock);
    this.#sleep = new SleepWatch(clock, () => doubt(this.#connections));
    this.#sweep = new IdleSweep(clock, (connection) => {
      this.#discard(connection);
      changed();
    });
    this.#attempts = new Attempts({
      clock,
      connect: (silent, signal) => this.#connect(silent, signal),
      isAwaited: () => this.#line.isAwaited,
      isPatient: () => this.#known,
      succeeded: (remote) => this.#admit(remote),
      failed: (failure) => this.#attemptFailed(failure),
      discard: (remote) => this.#close(remote),
      changed,
    });
    this.#openings = new Openings({
      clock,
      connect: (signal) => this.#connect(true, signal),
      succeeded: (remote, isStandby) => this.#admit(remote, isStandby),
      failed: (error, isStandby) => this.#furtherFailed(error, isStandby),
      discard: (remote) => this.#close(remote),
      changed: () => this.#dispatch(),
    });
    this.#loans = new Loans({ clock, release: (lent, failure) => this.#release(lent, 'bulk', failure), changed: () => this.#dispatch() });
  }

  get state(): HostState {
    return stateOf(this.#connections, this.#attempts.progress, this.#setback.error);
  }

  /** Takes over changed settings: what runs ends on the old connections, everything else gets new ones. */
  update(host: Host): void {
    if (isSameHost(host, this.#host)) return;
    this.#host = host;
    this.#limit.forget();
    this.#setback.forget();
    this.#endings.add(this.#attempts.end());
    this.#endings.add(this.#openings.end());
    for (const connection of this.#connections) {
      connection.retired = true;
      if (holdersOf(connection) === 0) this.#discard(connection);
    }
    this.#dispatch();
  }

  async run<T>(host: Host, task: (remote: Remote, signal: AbortSignal) => Promise<T>, options: RunOptions): Promise<T> {
    const { signal, lane = 'interactive', repeatable = false, background = false, demanded = false } = options;
    let isRepeated = false;
    for (;;) {
      const connection = await this.#lease({ lane, background, demanded: demanded && !isRepeated, signal });
      // What was meant for one server must not be done on another.
      if (!isSameHost(host, this.#host)) {
        this.#release(connection, lane, undefined);
        throw settingsChanged();
      }
      const { signal: ended } = connection.ended;
      const both = signal === undefined ? ended : AbortSignal.any([signal, ended]);
      try {
        const result = await task(connection.remote, both);
        this.#release(connection, lane, undefined);
        return result;
      } catch (error) {
        const failure = toRemoteError(error);
        if (failure.dropsConnection) doubt(this.#connections);
        this.#release(connection, lane, failure);
        if (isRepeated || !repeatable || !failure.retryable || both.aborted) throw failure;
        isRepeated = true;
        if (!failure.dropsConnection) await pause(500, this.#clock, both);
      }
    }
  }

  async connect(signal: AbortSignal | undefined): Promise<void> {
    this.#setback.forget();
    if (this.#attempts.progress !== undefined) this.#attempts.begin(true);
    const connection = await this.#lease({ lane: 'interactive', background: false, demanded: true, signal });
    this.#release(connection, 'interactive', undefined);
  }

  async end(reason: RemoteError): Promise<void> {
    this.#session.forget();
    this.#setback.forget();
    this.#known = this.#used = false;
    this.#sweep.end();
    this.#line.fail(reason);
    this.#endings.add(this.#attempts.end());
    this.#endings.add(this.#openings.end());
    for (const connection of this.#connections) {
      connection.ended.abort(reason);
      this.#discard(connection);
    }
    await this.#endings.settled();
    this.#changed();
  }

  get #log(): Log {
    return this.#context.log(this.#host.name);
  }

  get #usable(): readonly Connection[] {
    return this.#connections.filter(({ retired }) => !retired);
  }

  get #room(): number {
    const limit = this.#session.needsPerson ? 1 : this.#limit.of(this.#host);
    return limit - this.#connections.length - this.#openings.size;
  }

  async #lease(job: Job): Promise<Connection> {
    if (!job.background) this.#used = true;
    for (;;) {
      this.#sleep.look();
      const connection = await this.#wait(job);
      const stop = this.#clock.after(standbyAfter, () => {
        if (connection.proof !== undefined && this.#room > 0) this.#openings.open(true);
      });
      if (await isAlive(connection, this.#clock).finally(stop)) return connection;
      this.#release(connection, job.lane, new RemoteError('Lost', t('The connection was lost while nothing used it.')));
    }
  }

  async #wait({ lane, background, demanded, signal }: Job): Promise<Connection> {
    if (signal?.aborted === true) throw abortError(signal);
    if (this.#usable.length === 0) this.#assertMayConnect(background, demanded);
    const isUrgent = !background && !this.#line.isAwaited;
    const waiting = this.#line.join({ lane, background, since: this.#clock.now() }, signal, () => {
      // A person who cancels does not want to be asked any more.
      if (this.#line.length === 0 && this.#attempts.isAsking) this.#endings.add(this.#attempts.end());
    });
    this.#dispatch(isUrgent);
    return waiting;
  }

  #assertMayConnect(background: boolean, demanded: boolean): void {
    const refusal = this.#context.mayConnect(this.#host);
    if (refusal !== undefined) throw refusal;
    const { progress } = this.#attempts;
    const { error } = this.#setback;
    const isFutile = progress === undefined ? error !== undefined : progress.retryAt !== undefined;
    if (background && (isFutile || !this.#isWanted)) throw error ?? new RemoteError('Cancelled', t('The host is not connected.'));
    if (progress === undefined && !demanded) this.#setback.assertOver();
  }

  /** Hands out what is free, interactive work first, and opens what is wanted and allowed. */
  #dispatch(isUrgent = false): void {
    const limit = this.#limit.of(this.#host);
    for (const lane of ['interactive', 'bulk'] as const) {
      for (const waiter of this.#line.of(lane)) {
        const connection = chooseConnection(this.#connections, lane, limit);
        if (connection === undefined) break;
        connection.holders[lane] += 1;
        waiter.grant(connection);
      }
    }
    if (this.#line.length > 0 && this.#usable.length === 0 && !this.#openings.isHopeful) this.#attempts.begin(isUrgent);
    this.#loans.serve(this.#usable);
    const waiting = { interactive: this.#line.of('interactive').length, bulk: this.#line.of('bulk').length };
    const further = furtherWanted(this.#usable, waiting, limit) + this.#loans.missing(this.#usable) - this.#openings.size;
    for (let wanted = Math.min(further, this.#room); wanted > 0; wanted -= 1) this.#openings.open(false);
    this.#sweep.begin(() => this.#connections);
    this.#changed();
  }

  #furtherFailed(error: RemoteError, isStandby: boolean): void {
    this.#log.warn(`A further connection failed: ${error.code}: ${error.message}`);
    const { length } = this.#connections;
    if (length > 0 && !isStandby) this.#limit.refused(this.#host, length, error);
  }

  #connect(silent: boolean, signal: AbortSignal): Promise<Remote> {
    const prompts = silent ? this.#session.silent : this.#session.asking;
    return connectFor(this.#host, this.#context, { prompts, lender: this.#loans, signal });
  }

  #admit(remote: Remote, isStandby = false): void {
    const connection = createConnection(remote, this.#clock.now());
    this.#setback.forget();
    this.#session.accepted();
    this.#known = true;
    if (isStandby) for (const { proof } of this.#connections) proof?.overtake();
    this.#connections = [...this.#connections, connection];
    void remote.closed.then((reason) => {
      if (connection.gone) return;
      this.#log.info(`Connection closed: ${reason.message}`);
      this.#discard(connection, holdersOf(connection) > 0 || this.#clock.now() - connection.usedAt < trustedTime);
      this.#dispatch();
    });
    this.#sleep.begin();
    this.#dispatch();
  }

  /** Who waits longer than they would is told; in the background it goes on while the host is in use. */
  #attemptFailed({ error, silent, count, pause: ms }: AttemptFailure): boolean {
    this.#log.warn(`Connecting failed: ${error.code}: ${error.message}`);
    this.#setback.note(error, silent);
    // A server that hangs up on the same password once more means it.
    if (error.code === 'Auth' || (!error.retryable && error.code === 'Lost' && this.#setback.refusals > 1)) this.#session.refused();
    const mayWait = ms !== undefined && (this.#known || error.code === 'Busy' || (error.code === 'Lost' && count === 1));
    this.#line.fail(error, ({ background, since }) => background || !mayWait || this.#clock.now() + ms - since > patience);
    if (this.#line.length > 0) return true;
    // Who was told once needs not wait again; in the background nobody was.
    if (!silent) this.#known = false;
    return ms !== undefined && this.#isWanted;
  }

  get #isWanted(): boolean {
    return this.#used && !this.#session.needsPerson && this.#context.isInUse?.(this.#host) === true;
  }

  #release(connection: Connection, lane: Lane, failure: RemoteError | undefined): void {
    connection.holders[lane] -= 1;
    if (failure === undefined) connection.usedAt = this.#clock.now();
    else if (failure.dropsConnection) this.#discard(connection, true);
    else if (failure.code === 'Cancelled' || failure.code === 'Unknown') connection.suspect = true;
    if (connection.retired && holdersOf(connection) === 0) this.#discard(connection);
    this.#dispatch();
  }

  /** `isMissed`: it was in use. One that nobody used for long was ended by the server or by sleep; the next work connects again. */
  #discard(connection: Connection, isMissed = false): void {
    if (connection.gone) return;
    connection.gone = true;
    this.#connections = this.#connections.filter((other) => other !== connection);
    this.#close(connection.remote);
    if (this.#connections.length > 0) return;
    this.#sleep.end();
    if (!isMissed || connection.retired) return;
    this.#shortLived = this.#clock.now() - connection.madeAt < trustedTime ? this.#shortLived + 1 : 1;
    if (this.#isWanted) this.#attempts.begin(false, this.#shortLived);
    else if (this.#used && this.#session.needsPerson) this.#setback.needLogin();
  }

  #close(remote: Remote): void {
    this.#endings.add(remote.close().catch((error: unknown) => this.#log.debug(`Closing: ${toRemoteError(error).message}`)));
  }
}
