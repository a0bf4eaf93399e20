import { existsSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { removeFolder, temporaryFolder } from '../servers/folder.ts';
import { clients } from './clients.ts';
import type { Client, Driver } from './driver.ts';
import { isTimes, type ClientNote, type Figure, type Measured } from './figures.ts';
import { makeFixture, makeLarge, type Fixture } from './fixture.ts';
import { operations, type Operation } from './operations.ts';
import { endWithParent } from './parent.ts';
import type { Target } from './target.ts';
import { timesOf } from './times.ts';

/* The process at the line's near end: drives the clients and takes the time. Its parent changes the line. */

export interface Job {
  readonly target: Target;
  readonly clients: readonly string[];
  readonly operations: readonly string[];
  /** At most; fewer where an operation has fewer. */
  readonly runs: number;
  /** What takes longer is given up. */
  readonly limitMs: number;
  /** `line`: at both lengths; `direct`: as it is. */
  readonly where: 'line' | 'direct';
}

export type Report =
  { readonly figure: Figure } | { readonly client: ClientNote } | { readonly line: 'near' | 'far' } | { readonly ended: true };

export type Word = Job | { readonly lineIsSet: true };

const send = (report: Report): void => void process.send?.(report);

class Bench {
  readonly #job: Job;
  readonly #fixture: Fixture;
  /** Counts all runs, so that each finds names of its own. */
  #run = 0;

  constructor(job: Job, local: string) {
    this.#job = job;
    this.#fixture = makeFixture(job.target, local);
    if (job.operations.some((id) => operations.find((operation) => operation.id === id)?.bytes !== undefined))
      makeLarge(this.#fixture, job.target);
  }

  async measure(client: Client): Promise<void> {
    const { where } = this.#job;
    const session = new Session(client, this.#job.target, this.#fixture.local);
    const figures = new Map<string, Figure>();
    const note = (id: string, measured: Partial<Figure>): void => {
      const figure = { operation: id, client: client.name, ...measured };
      figures.set(id, { ...figures.get(id), ...figure });
      send({ figure });
    };
    await setLine('near');
    const { client: name, how } = await session.driver();
    send({ client: { client: name, how } });
    for (const operation of this.#chosen()) {
      const near = await this.#time(session, operation);
      if (near !== undefined) note(operation.id, where === 'line' ? { near } : { direct: near });
    }
    if (where === 'line') {
      await setLine('far');
      for (const operation of this.#chosen()) {
        const far = isTimes(figures.get(operation.id)?.near) ? await this.#time(session, operation) : undefined;
        if (far !== undefined) note(operation.id, { far });
      }
    }
    await session.end();
  }

  end(): void {
    rmSync(this.#fixture.disk(), { recursive: true, force: true });
  }

  #chosen(): Operation[] {
    return operations.filter(({ id }) => this.#job.operations.includes(id));
  }

  async #time(session: Session, operation: Operation): Promise<Measured | undefined> {
    const times: number[] = [];
    const wanted = Math.min(operation.runs, this.#job.runs);
    const start = performance.now();
    try {
      if (!operation.can(await session.driver())) return undefined;
      if (operation.long !== true) await this.#once(session, operation);
      // A second of long ones says little more than the first.
      while (times.length < wanted && (times.length === 0 || performance.now() - start < this.#job.limitMs / 3))
        times.push(await this.#once(session, operation));
      return timesOf(times);
    } catch (error) {
      await session.drop();
      if (error instanceof TooLong) return { longerThan: this.#job.limitMs };
      return { failed: error instanceof Error ? error.message.slice(0, 300) : String(error) };
    }
  }

  async #once(session: Session, operation: Operation): Promise<number> {
    const run = (this.#run += 1);
    const driver = await session.driver();
    operation.prepare?.(this.#fixture, run);
    const start = performance.now();
    const result = await within(this.#job.limitMs, operation.run(driver, this.#fixture, run));
    const ms = performance.now() - start;
    await operation.check?.(this.#fixture, run, result);
    return ms;
  }
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

let lineIsSet: () => void = () => {};

async function setLine(line: 'near' | 'far'): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  lineIsSet = () => resolve(undefined);
  send({ line });
  await promise;
}

async function work(job: Job): Promise<void> {
  // In memory where there is such a folder: what is measured is not the disk.
  const memory = existsSync('/dev/shm') ? { within: '/dev/shm' } : {};
  const local = temporaryFolder('bench', memory);
  const bench = new Bench(job, local);
  for (const client of clients.filter(({ name }) => job.clients.includes(name))) {
    try {
      await bench.measure(client);
    } catch (error) {
      const failed = error instanceof Error ? error.message : String(error);
      send({ figure: { operation: 'start', client: client.name, near: { failed } } });
    }
  }
  bench.end();
  removeFolder(local);
  send({ ended: true });
}

process.on('message', (message: Word) => {
  if ('lineIsSet' in message) lineIsSet();
  else void work(message);
});
endWithParent();
/* A library that fails behind the back of who called it ends nothing here: its operation does, by its time. */
process.on('unhandledRejection', (error) => process.stderr.write(`${String(error)}\n`));
