import type { Clock } from '../../src/core/clock.ts';

export interface FakeClock extends Clock {
  /** Lets time pass and runs what falls due, in order; work that this begins gets to its next wait. */
  pass(ms: number): Promise<void>;
  /** The computer sleeps: time goes on, timers don't. */
  sleep(ms: number): void;
  /** Timers that are set. */
  readonly pending: number;
}

export function fakeClock(): FakeClock {
  let now = 1_000_000;
  const timers = new Set<{ at: number; readonly task: () => void }>();
  return {
    now: () => now,
    after(ms, task) {
      const timer = { at: now + ms, task };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    async pass(ms) {
      const end = now + ms;
      for (;;) {
        await turns();
        const [next] = [...timers].filter(({ at }) => at <= end).toSorted((one, other) => one.at - other.at);
        if (next === undefined) break;
        timers.delete(next);
        now = next.at;
        next.task();
      }
      now = end;
      await turns();
    },
    sleep(ms) {
      now += ms;
      for (const timer of timers) timer.at += ms;
    },
    get pending() {
      return timers.size;
    },
  };
}

/** Lets everything that can go on without time passing go on. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
