import { existsSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { removeFolder, temporaryFolder } from '../servers/folder.ts';
import { clients } from './clients.ts';
import type { Client, Driver } from './driver.ts';
import { isTimes, type ClientNote, type Figure, type LineName, type Measured } from './figures.ts';
import { makeFixture, makeLarge, type Fixture } from './fixture.ts';
import { operations, type Operation } from './operations.ts';
import { endWithParent } from './parent.ts';
import type { Target } from './target.ts';
import { timesOf } from './times.ts';

/* The process at the line's near end: drives the clients of one server and takes the time. Its parent changes the line. */

/** What the process is for; said first. */
export interface Beginning {
  readonly target: Target;
  readonly clients: readonly string[];
  /** For each operation at most; fewer where it has fewer. */
  readonly runs: number;
  /** What takes longer is given up. */
  readonly limitMs: number;
  /** Of the long line. */
  readonly rttMs: number;
}

/** Measures these operations with all clients on the line as it is now, one after the other. */
export interface Job {
  readonly operations: readonly string[];
  readonly line: LineName;
  /** What is measured hardly keeps the machine busy: first Ferry alone, then all others at the same time. */
  readonly together?: boolean;
}

export type Report = { readonly figure: Figure } | { readonly client: ClientNote } | { readonly done: true };
export type Word = { readonly begin: Beginning } | { readonly job: Job } | { readonly end: true };

/** An operation that takes so long altogether, in ms, is not run again: a second of the long ones says little more than the first. */
const enough = 3000;
/**
 * So long, in ms, a client has before each run of what a person does at their pace: to end what it left going, and to prepare the next
 * action where it does that.
 */
const restOn = (line: LineName, rttMs: number): number => 50 + (line === 'far' ? 4 * rttMs : 0);
/** Other clients are given up at so many times what Ferry took, but not before so many ms. */
const patience = { times: 2, leastMs: 5000 };

const send = (report: Report): void => void process.send?.(report);

class Bench {
  readonly #beginning: Beginning;
  readonly #fixture: Fixture;
  readonly #figures = new Map<string, Figure>();
  readonly #noted = new Set<string>();
  /** Counts all runs, so that each finds names of its own. */
  #run = 0;

  constructor(beginning: Beginning, local: string) {
    this.#beginning = beginning;
    this.#fixture = makeFixture(beginning.target, local);
  }

  async measureAll(job: Job): Promise<void> {
    const chosen = operations.filter(({ id }) => job.operations.includes(id));
    if (chosen.some(({ bytes }) => bytes !== undefined)) makeLarge(this.#fixture, this.#beginning.target);
    const inTurn = clients.filter(({ name }) => this.#beginning.clients.includes(name));
    const together = job.together === true ? inTurn.splice(1) : [];
    for (const client of inTurn) await this.#tryMeasuring(client, chosen, job.line);
    await Promise.all(together.map((client) => this.#tryMeasuring(client, chosen, job.line)));
  }

  end(): void {
    rmSync(this.#fixture.disk(), { recursive: true, force: true });
  }

  async #tryMeasuring(client: Client, chosen: readonly Operation[], line: LineName): Promise<void> {
    try {
      await this.#measure(client, chosen, line);
    } catch (error) {
      const failed = error instanceof Error ? error.message : String(error);
      send({ figure: { operation: 'start', client: client.name, [line]: { failed } } });
    }
  }

  async #measure(client: Client, chosen: readonly Operation[], line: LineName): Promise<void> {
    const session = new Session(client, this.#beginning.target, this.#fixture.local);
    const { client: name, how } = await session.driver();
    if (!this.#noted.has(name)) send({ client: { client: name, how } });
    this.#noted.add(name);
    for (const operation of chosen) {
      const limitMs = this.#limit(client, operation, line);
      const measured =
        this.#foreseen(client, operation, line, limitMs) ??
        (await this.#time(session, operation, {
          limitMs,
          restMs: operation.long === true ? 0 : restOn(line, this.#beginning.rttMs),
          warmsUp: operation.long !== true || (line === 'direct' && client.isLibrary === true),
        }));
      if (measured === undefined) continue;
      const figure = { operation: operation.id, client: client.name, [line]: measured };
      this.#figures.set(idOf(operation, client.name), { ...this.#figures.get(idOf(operation, client.name)), ...figure });
      send({ figure });
    }
    await session.end();
  }

  /** The first of the clients is Ferry. */
  #limit(client: Client, operation: Operation, line: LineName): number {
    const { limitMs } = this.#beginning;
    const own = this.#figures.get(idOf(operation, clients[0]?.name ?? ''))?.[line];
    if (client === clients[0] || !isTimes(own)) return limitMs;
    return Math.min(limitMs, Math.max(patience.leastMs, Math.ceil((patience.times * own.median) / 1000) * 1000));
  }

  /** What takes too long on a short line, or fails there, is not tried on a long one. */
  #foreseen(client: Client, operation: Operation, line: LineName, limitMs: number): Measured | undefined {
    const near = line === 'far' ? this.#figures.get(idOf(operation, client.name))?.near : undefined;
    if (near === undefined) return undefined;
    if (!isTimes(near)) return near;
    return near.min > limitMs ? { longerThan: Math.floor(near.min / 1000) * 1000 } : undefined;
  }

  async #time(session: Session, operation: Operation, { limitMs, restMs, warmsUp }: Timing): Promise<Measured | undefined> {
    const times: number[] = [];
    const total = (): number => times.reduce((sum, ms) => sum + ms, 0);
    const wanted = Math.min(operation.runs, this.#beginning.runs);
    try {
      if (!operation.can(await session.driver())) return undefined;
      if (warmsUp) await this.#once(session, operation, limitMs);
      while (times.length < wanted && (times.length === 0 || total() < enough)) {
        await sleep(restMs);
        times.push(await this.#once(session, operation, limitMs));
      }
      return timesOf(times);
    } catch (error) {
      await session.drop();
      if (error instanceof TooLong) return { longerThan: limitMs };
      return { failed: error instanceof Error ? error.message.slice(0, 300) : String(error) };
    }
  }

  async #once(session: Session, operation: Operation, limitMs: number): Promise<number> {
    const run = (this.#run += 1);
    const driver = await session.driver();
    operation.prepare?.(this.#fixture, run);
    const start = performance.now();
    const result = await within(limitMs, operation.run(driver, this.#fixture, run));
    const ms = performance.now() - start;
    await operation.check?.(this.#fixture, run, result);
    return ms;
  }
}

function idOf({ id }: Operation, client: string): string {
  return `${id} ${client}`;
}

interface Timing {
  readonly limitMs: number;
  readonly restMs: number;
  /** A first run does not count. */
  readonly warmsUp: boolean;
}

class TooLong extends Error {}

async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  const ended = new AbortController();
  const late = sleep(limitMs, undefined, { signal: ended.signal }).then(() => Promise.reject(new TooLong()));
  try {
    return await Promise.race([work, late]);
  } finally {
    ended.abort();
    late.catch(() => {});
    work.catch(() => {});
  }
}

/** A client's connection, made anew after one that was given up. */
class Session {
  readonly #client: Client;
  readonly #target: Target;
  readonly #local: string;
  #driver: Driver | undefined;

  constructor(client: Client, target: Target, local: string) {
    this.#client = client;
    this.#target = target;
    this.#local = local;
  }

  async driver(): Promise<Driver> {
    this.#driver ??= await within(30_000, this.#client.start(this.#target, this.#local));
    return this.#driver;
  }

  async drop(): Promise<void> {
    const driver = this.#driver;
    this.#driver = undefined;
    // Whatever it still does.
    await Promise.race([driver?.close().catch(() => {}), sleep(3000)]);
  }

  async end(): Promise<void> {
    await this.drop();
  }
}

// In memory where there is such a folder: what is measured is not the disk.
const memory = existsSync('/dev/shm') ? { within: '/dev/shm' } : {};
const local = temporaryFolder('bench', memory);
let bench: Bench | undefined;

async function obey(word: Word): Promise<void> {
  if ('begin' in word) bench = new Bench(word.begin, local);
  else if ('job' in word) await bench?.measureAll(word.job);
  else {
    bench?.end();
    removeFolder(local);
  }
  send({ done: true });
}

process.on('message', (word: Word) => void obey(word));
endWithParent();
/* A library that fails behind the back of who called it ends nothing here: its operation does, by its time. */
process.on('unhandledRejection', (error) => process.stderr.write(`${String(error)}\n`));
