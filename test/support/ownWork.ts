import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds that this thread had the processor since this was called: not what a busy machine gave to others. */
export function startOwnWork(): () => number {
  const started = process.threadCpuUsage();
  return () => {
    const { user, system } = process.threadCpuUsage(started);
    return (user + system) / 1000;
  };
}

/** Runs `task`; `longest`: the most ms that this thread worked meanwhile without a turn for others. */
export async function watchTurns<T>(task: () => Promise<T>): Promise<{ readonly result: T; readonly longest: number }> {
  let longest = 0;
  let worked = startOwnWork();
  const ticking = setInterval(() => {
    longest = Math.max(longest, worked());
    worked = startOwnWork();
  }, 1);
  try {
    const result = await task();
    // The turn in which it ended counts, too.
    await sleep(20);
    return { result, longest };
  } finally {
    clearInterval(ticking);
  }
}
