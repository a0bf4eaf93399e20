import { closeSync, chownSync, openSync, statSync, ftruncateSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { silentLog } from '../../src/core/log.ts';
import type { Remote } from '../../src/core/remote.ts';
import { connect } from '../../src/transport/index.ts';
import { connectContext } from '../support/prompts.ts';
import { removeFolder, temporaryFolder } from '../servers/folder.ts';
import { makeFixture } from './fixture.ts';
import { endWithParent } from './parent.ts';
import type { Target } from './target.ts';

/* What large files and folders cost a process that holds nothing but one connection of Ferry: `node --expose-gc`. */

/** MB of resident memory above what it was before, at the most; milliseconds. */
export interface MemoryFigures {
  readonly server: string;
  readonly idleMb: number;
  readonly downMb: number;
  readonly upMb: number;
  readonly downMbPerSecond: number;
  readonly upMbPerSecond: number;
  /** How long nothing else had a turn while 20,000 entries were listed, at the most. */
  readonly listingStallMs: number;
}

const size = 1_000_000_000;
const warmUp = 50_000_000;

async function residentAfterRest(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.();
    await sleep(100);
  }
  return process.memoryUsage.rss();
}

async function peakOf(idle: number, work: () => Promise<unknown>): Promise<{ readonly mb: number; readonly mbPerSecond: number }> {
  let peak = idle;
  const look = (): void => void (peak = Math.max(peak, process.memoryUsage.rss()));
  const timer = setInterval(look, 10);
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1000;
  look();
  clearInterval(timer);
  return { mb: (peak - idle) / 1e6, mbPerSecond: size / 1e6 / seconds };
}

async function* zeros(length: number): AsyncGenerator<Uint8Array> {
  for (let left = length; left > 0; left -= 65_536) yield Promise.resolve(Buffer.alloc(Math.min(left, 65_536)));
}

async function longestStall(work: () => Promise<unknown>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await work();
  delay.disable();
  return delay.max / 1e6;
}

async function measure(target: Target): Promise<MemoryFigures> {
  const local = temporaryFolder('bench-memory');
  const fixture = makeFixture(target, local);
  const remote: Remote = await connect(target.host, { ...connectContext({ password: target.password, admit: true }), log: silentLog });
  const large = join(fixture.disk(), 'large');
  const file = openSync(large, 'w');
  ftruncateSync(file, size);
  closeSync(file);
  if (target.owner) chownSync(large, target.owner.uid, target.owner.gid);
  // As transfers read.
  const down = (length?: number): Promise<unknown> => remote.read(fixture.path('large'), () => {}, { length, lent: true });
  const up = (length: number): Promise<unknown> => remote.write(fixture.path('written'), zeros(length), { disposition: 'truncate' });
  const list = (): Promise<unknown> => remote.list(fixture.path('more'));
  for (const warm of [() => down(warmUp), () => up(warmUp), list, list]) await warm();
  const stall = await longestStall(list);
  const idle = await residentAfterRest();
  const first = await peakOf(idle, down);
  const second = await peakOf(await residentAfterRest(), () => up(size));
  if (statSync(fixture.disk('written')).size !== size) throw new Error('It was not written in full.');
  await remote.close();
  rmSync(fixture.disk(), { recursive: true, force: true });
  removeFolder(local);
  return {
    ...{ server: target.name, idleMb: idle / 1e6, downMb: first.mb, upMb: second.mb, listingStallMs: stall },
    ...{ downMbPerSecond: first.mbPerSecond, upMbPerSecond: second.mbPerSecond },
  };
}

process.on('message', (target: Target) => void measure(target).then((figures) => process.send?.(figures)));
endWithParent();
