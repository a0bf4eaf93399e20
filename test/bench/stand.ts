import { startAt, type Child } from './child.ts';
import { clients } from './clients.ts';
import type { Job, Report, Word } from './clientSide.ts';
import type { ClientNote, Figure, ServerFigures } from './figures.ts';
import type { Line } from './line.ts';
import { operations } from './operations.ts';
import type { BenchOptions } from './options.ts';
import { toldFigure } from './report.ts';
import type { Target } from './target.ts';

type ClientSide = Child<Word, Report>;

/** One server that runs, its clients, and what they came to. */
export class Stand {
  readonly target: Target;
  readonly #line: Line;
  readonly #options: Pick<BenchOptions, 'runs' | 'limitMs' | 'rttMs'>;
  readonly #able: readonly string[];
  readonly #missing: readonly string[];
  readonly #figures: Figure[] = [];
  readonly #notes = new Map<string, ClientNote>();
  readonly #sides = new Map<'server' | 'client', ClientSide>();

  constructor(line: Line, target: Target, options: BenchOptions, say: (text: string) => void) {
    [this.#line, this.target, this.#options] = [line, target, options];
    const able = clients.filter((client) => options.clients.includes(client.name) && client.speaks(target));
    this.#missing = able.flatMap((client) => client.missing() ?? []);
    this.#able = able.filter((client) => client.missing() === undefined).map((client) => client.name);
    for (const reason of this.#missing) say(`not measured: ${reason}`);
  }

  get figures(): ServerFigures {
    const { name, version, host } = this.target;
    const [figures, notes] = [this.#figures, [...this.#notes.values()]];
    return { server: name, version, protocol: host.protocol, clients: notes, figures, missing: this.#missing };
  }

  /** All clients, one after the other. */
  async run(job: Job): Promise<void> {
    if (job.operations.length === 0) return;
    const side = await this.#side(job.line === 'direct' ? 'server' : 'client');
    side.send({ job });
    await this.#hear(side);
  }

  async end(): Promise<void> {
    for (const side of this.#sides.values()) {
      side.send({ end: true });
      await this.#hear(side);
      side.end();
    }
  }

  async #side(end: 'server' | 'client'): Promise<ClientSide> {
    const known = this.#sides.get(end);
    if (known !== undefined) return known;
    const side: ClientSide = startAt(this.#line, end, 'clientSide.ts', ['--disable-warning=MaxListenersExceededWarning']);
    this.#sides.set(end, side);
    const target = end === 'server' ? directly(this.target) : this.target;
    const { runs, limitMs, rttMs } = this.#options;
    side.send({ begin: { target, clients: this.#able, runs, limitMs, rttMs } });
    await this.#hear(side);
    return side;
  }

  /** Until it has done what it was told. */
  async #hear(side: ClientSide): Promise<void> {
    for (;;) {
      const report = await side.next();
      if ('done' in report) return;
      if ('client' in report) this.#notes.set(report.client.client, report.client);
      else this.#keep(report.figure);
    }
  }

  #keep(figure: Figure): void {
    process.stderr.write(`    ${this.target.name} · ${toldFigure(figure)}\n`);
    const index = this.#figures.findIndex(({ operation, client }) => operation === figure.operation && client === figure.client);
    if (index === -1) this.#figures.push(figure);
    else this.#figures[index] = { ...this.#figures[index], ...figure };
  }
}

/** The server without the line. */
export function directly(target: Target): Target {
  return { ...target, host: { ...target.host, ...target.direct } };
}

/**
 * What depends on the machine is measured alone. Trees on a long line take minutes in which next to nothing happens: those of all servers
 * are measured at the same time, with those of all clients but Ferry.
 */
export async function measureOperations(
  stands: readonly Stand[],
  { operations: chosen, at }: Pick<BenchOptions, 'operations' | 'at'>,
  setLine: (name: 'near' | 'far') => Promise<void>,
  say: (text: string) => void,
): Promise<void> {
  const those = (wanted: (operation: (typeof operations)[number]) => boolean) =>
    operations.filter((operation) => chosen.includes(operation.id) && wanted(operation)).map(({ id }) => id);
  const large = those(({ bytes }) => bytes !== undefined);
  const trees = those(({ bytes, long }) => bytes === undefined && long === true);
  const small = those(({ bytes, long }) => bytes === undefined && long !== true);
  const inTurn = async (job: Job) => {
    if (job.operations.length === 0 || !at.includes(job.line)) return;
    for (const stand of stands) {
      say(`… ${stand.target.name}: ${job.line === 'direct' ? 'without the line' : `the ${job.line} line`}`);
      await stand.run(job);
    }
  };
  await setLine('near');
  await inTurn({ operations: [...small, ...trees], line: 'near' });
  await inTurn({ operations: large, line: 'direct' });
  await setLine('far');
  await inTurn({ operations: [...small, ...large], line: 'far' });
  if (trees.length === 0 || !at.includes('far')) return;
  say('… trees on the far line');
  await Promise.all(stands.map((stand) => stand.run({ operations: trees, line: 'far', together: true })));
}
