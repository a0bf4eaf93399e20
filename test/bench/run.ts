import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { inRepository } from '../setup/commands.ts';
import { ensurePackages } from '../setup/debian.ts';
import { fillPlace } from '../setup/readmePlace.ts';
import { startAt, type Child } from './child.ts';
import { clients } from './clients.ts';
import type { Job, Report, Word } from './clientSide.ts';
import { measureEditor } from './editor.ts';
import type { BenchResult, ClientNote, Figure, ServerFigures } from './figures.ts';
import { openTunLine, proxyLine, tunMissing, type Line } from './line.ts';
import type { MemoryFigures } from './memory.ts';
import { operations } from './operations.ts';
import { readOptions } from './options.ts';
import { markdown, toldExtras, toldFigure, toldServer } from './report.ts';
import type { ServerName } from './servers.ts';
import type { Answer, Order } from './serverSide.ts';
import type { Target } from './target.ts';

/*
 * npm run bench: Ferry and other clients on real servers, over a line of a chosen length, in one run. Asserts nothing about time.
 * `npm run bench -- --help` names its options. Ctrl+C ends it, with its servers and its line.
 */

const options = readOptions();
const say = (text: string): void => void (options.json ? process.stderr : process.stdout).write(`${text}\n`);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));

type ServerSide = Child<Order, Answer>;

async function obtain(side: ServerSide, order: Order): Promise<Answer> {
  side.send(order);
  const answer = await side.next();
  if ('failed' in answer) throw new Error(answer.failed);
  return answer;
}

async function openLine(): Promise<{ readonly line: Line; readonly side: ServerSide }> {
  const missing = tunMissing();
  if (options.line !== 'proxy' && missing === undefined) {
    const line = await openTunLine(options.mtu);
    return { line, side: startAt(line, 'server', 'serverSide.ts') };
  }
  if (options.line === 'tun') throw new Error(`There is no line of packets here: ${missing ?? ''}.`);
  if (missing !== undefined) say(`No network namespaces here (${missing}): a proxy holds the bytes back instead.`);
  const line = proxyLine(async (delayMs, bytesPerSecond) => {
    await obtain(side, { delayMs, bytesPerSecond });
  });
  const side: ServerSide = startAt(line, 'server', 'serverSide.ts');
  return { line, side };
}

interface Measuring {
  readonly line: Line;
  readonly figures: Figure[];
  readonly notes: ClientNote[];
}

/** One process of clients, from its first report to its last. */
async function runJob({ line, figures, notes }: Measuring, end: 'server' | 'client', job: Job): Promise<void> {
  const child = startAt<Word, Report>(line, end, 'clientSide.ts', ['--disable-warning=MaxListenersExceededWarning']);
  child.send(job);
  for (;;) {
    const report = await child.next();
    if ('ended' in report) break;
    if ('line' in report) {
      await line.set(report.line === 'near' ? 0 : options.rttMs / 2, options.bytesPerSecond);
      child.send({ lineIsSet: true });
    } else if ('client' in report) notes.push(report.client);
    else {
      keep(figures, report.figure);
      process.stderr.write(`    ${toldFigure(report.figure)}\n`);
    }
  }
  child.end();
}

function keep(figures: Figure[], figure: Figure): void {
  const index = figures.findIndex(({ operation, client }) => operation === figure.operation && client === figure.client);
  if (index === -1) figures.push(figure);
  else figures[index] = { ...figures[index], ...figure };
}

async function measureServer(line: Line, side: ServerSide, name: ServerName): Promise<{ figures: ServerFigures; memory?: MemoryFigures }> {
  const answer = await obtain(side, { start: name, kind: line.kind });
  const target = 'target' in answer ? answer.target : undefined;
  if (target === undefined) throw new Error('The server did not say where it is.');
  const able = clients.filter((client) => options.clients.includes(client.name) && client.speaks(target));
  const missing = able.flatMap((client) => client.missing() ?? []);
  const names = able.filter((client) => client.missing() === undefined).map((client) => client.name);
  for (const reason of missing) say(`not measured: ${reason}`);
  const measuring: Measuring = { line, figures: [], notes: [] };
  const direct = options.operations.filter((id) => operations.some((operation) => operation.id === id && operation.bytes !== undefined));
  const job = { target, clients: names, runs: options.runs, limitMs: options.limitMs };
  if (options.operations.length > 0) await runJob(measuring, 'client', { ...job, operations: options.operations, where: 'line' });
  const besides = directly(target);
  if (direct.length > 0)
    await runJob({ ...measuring, notes: [] }, 'server', { ...job, target: besides, operations: direct, where: 'direct' });
  const memory = options.extras.includes('memory') ? await measureMemory(line, besides) : undefined;
  await obtain(side, { stop: true });
  const { version } = target;
  const { protocol } = target.host;
  const figures = { server: name, version, protocol, clients: measuring.notes, figures: measuring.figures, missing };
  return { figures, ...(memory && { memory }) };
}

function directly(target: Target): Target {
  return { ...target, host: { ...target.host, ...target.direct } };
}

async function measureMemory(line: Line, target: Target): Promise<MemoryFigures> {
  const child = startAt<Target, MemoryFigures>(line, 'server', 'memory.ts', ['--expose-gc']);
  child.send(target);
  const figures = await child.next();
  child.end();
  return figures;
}

async function measure(): Promise<BenchResult> {
  const { missing } = ensurePackages(['openssh-client', 'openssh-server', 'openssl', 'python3', 'lftp', 'rclone']);
  if (missing.length > 0) say(`Not installed: ${missing.join(', ')}.`);
  const { line, side } = await openLine();
  const begun = { time: new Date().toISOString(), loadBefore: loadavg() };
  const servers: ServerFigures[] = [];
  const memory: MemoryFigures[] = [];
  if (options.operations.length > 0 || options.extras.includes('memory')) {
    for (const name of options.servers) {
      say(`… ${name}`);
      const measured = await measureServer(line, side, name);
      servers.push(measured.figures);
      if (measured.memory) memory.push(measured.memory);
      say(toldServer(measured.figures, options.rttMs));
    }
  }
  side.end();
  line.close();
  const editor = options.extras.includes('editor') ? await measureEditor({ ...options, only: options.servers }, say) : undefined;
  const { rttMs, bytesPerSecond } = options;
  return {
    ...begun,
    machine: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, Linux ${release()}, Node ${process.version}`,
    loadAfter: loadavg(),
    line: line.description,
    ...{ rttMs, bytesPerSecond, servers, memory, editor },
  };
}

function keepResult(result: BenchResult): void {
  const folder = inRepository('dist', 'bench');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${result.time.replaceAll(/[:.]/g, '-')}.json`);
  writeFileSync(file, `${JSON.stringify(result, undefined, 2)}\n`);
  writeFileSync(file.replace(/json$/, 'md'), `${markdown(result)}\n`);
  say(`\n${file} and .md`);
}

const result = options.from === undefined ? await measure() : (JSON.parse(readFileSync(options.from, 'utf8')) as BenchResult);
if (options.from === undefined) keepResult(result);
else for (const server of result.servers) say(toldServer(server, result.rttMs));
say(toldExtras(result));
if (options.json) process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
if (options.readme) await fillPlace('bench', markdown(result));
process.exit();
