import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { inRepository } from '../setup/commands.ts';
import { ensurePackages } from '../setup/debian.ts';
import { fillPlace } from '../setup/readmePlace.ts';
import { startAt, type Child } from './child.ts';
import { measureEditor } from './editor.ts';
import type { BenchResult } from './figures.ts';
import { openTunLine, proxyLine, tunMissing, type Line } from './line.ts';
import type { MemoryFigures } from './memory.ts';
import { readOptions } from './options.ts';
import { joinPieces, noLine } from './pieces.ts';
import { markdown, toldExtras, toldServer } from './report.ts';
import type { Answer, Order } from './serverSide.ts';
import { directly, measureOperations, Stand } from './stand.ts';
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

async function measureMemory(line: Line, target: Target): Promise<MemoryFigures> {
  const child = startAt<Target, MemoryFigures>(line, 'server', 'memory.ts', ['--expose-gc']);
  child.send(target);
  const figures = await child.next();
  child.end();
  return figures;
}

async function measureServers(): Promise<Pick<BenchResult, 'line' | 'servers' | 'memory'>> {
  const { line, side } = await openLine();
  const setLine = (name: 'near' | 'far') => line.set(name === 'near' ? 0 : options.rttMs / 2, options.bytesPerSecond);
  const stands: Stand[] = [];
  for (const name of options.servers) {
    const answer = await obtain(side, { start: name, kind: line.kind });
    if (!('target' in answer)) throw new Error('The server did not say where it is.');
    stands.push(new Stand(line, answer.target, options, say));
  }
  await measureOperations(stands, options, setLine, say);
  const memory: MemoryFigures[] = [];
  for (const { target } of options.extras.includes('memory') ? stands : []) {
    say(`… memory: ${target.name}`);
    memory.push(await measureMemory(line, directly(target)));
  }
  for (const stand of stands) {
    await stand.end();
    if (options.operations.length > 0) say(toldServer(stand.figures, options.rttMs));
  }
  await obtain(side, { stop: true });
  side.end();
  line.close();
  return { line: line.description, servers: options.operations.length > 0 ? stands.map(({ figures }) => figures) : [], memory };
}

async function measure(): Promise<BenchResult> {
  const { missing } = ensurePackages(['openssh-client', 'openssh-server', 'openssl', 'python3', 'lftp', 'rclone']);
  if (missing.length > 0) say(`Not installed: ${missing.join(', ')}.`);
  const begun = { time: new Date().toISOString(), loadBefore: loadavg() };
  const needsServers = options.operations.length > 0 || options.extras.includes('memory');
  const measured = needsServers ? await measureServers() : { line: noLine, servers: [], memory: [] };
  const editor = options.extras.includes('editor') ? await measureEditor({ ...options, only: options.servers }, say) : undefined;
  const { rttMs, bytesPerSecond } = options;
  return {
    ...begun,
    machine: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, Linux ${release()}, Node ${process.version}`,
    loadAfter: loadavg(),
    ...{ ...measured, rttMs, bytesPerSecond, editor },
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

const earlier = options.from.map((file) => JSON.parse(readFileSync(file, 'utf8')) as BenchResult);
const result = earlier.length === 0 ? await measure() : joinPieces(earlier);
if (earlier.length === 0) keepResult(result);
else for (const server of result.servers) say(toldServer(server, result.rttMs));
say(toldExtras(result));
if (options.json) process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
if (options.readme) await fillPlace('bench', markdown(result));
process.exit();
