import type { Load } from './load.ts';
import { isFlat, meanOf, riseOf, withoutWarmUp, type Tolerance } from './trend.ts';

/** One look at everything that must not grow. */
export interface Sample {
  readonly minute: number;
  /** In MB, after a garbage collection. */
  readonly heap: number;
  readonly buffers: number;
  readonly rss: number;
  /** What keeps the process alive: sockets, timers, … */
  readonly handles: number;
  /** On all servers. */
  readonly sessions: number;
  readonly leftovers: number;
  /** Of Node, about too many listeners. */
  readonly warnings: number;
}

type Metric = Exclude<keyof Sample, 'minute'>;

/** What is noise, over the whole run. */
const tolerances: Readonly<Record<Metric, Tolerance>> = {
  heap: { share: 0.08, units: 1.5 },
  buffers: { share: 0.1, units: 8 },
  rss: { share: 0.12, units: 25 },
  handles: { share: 0.25, units: 4 },
  sessions: { share: 0.25, units: 4 },
  leftovers: { share: 0, units: 0 },
  warnings: { share: 0, units: 0 },
};

export async function takeSample(minute: number, loads: readonly Load[], warnings: number): Promise<Sample> {
  let leftovers = 0;
  for (const load of loads) leftovers += await load.leftovers();
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  const megabytes = (bytes: number): number => Math.round(bytes / 1024 / 102.4) / 10;
  return {
    minute,
    ...{ heap: megabytes(heapUsed), buffers: megabytes(arrayBuffers), rss: megabytes(rss) },
    handles: process.getActiveResourcesInfo().length,
    sessions: loads.reduce((sum, load) => sum + load.sessions(), 0),
    ...{ leftovers, warnings },
  };
}

export interface Verdict {
  readonly metric: Metric;
  readonly mean: number;
  readonly rise: number;
  readonly flat: boolean;
}

export function judge(samples: readonly Sample[]): Verdict[] {
  const metrics = Object.keys(tolerances) as Metric[];
  return metrics.map((metric) => {
    const values = withoutWarmUp(samples).map((sample) => sample[metric]);
    const worst = metric === 'leftovers' || metric === 'warnings' ? Math.max(0, ...samples.map((sample) => sample[metric])) : 0;
    return { metric, mean: meanOf(values), rise: riseOf(values), flat: worst === 0 && isFlat(values, tolerances[metric]) };
  });
}
