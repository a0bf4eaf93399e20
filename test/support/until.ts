import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves when it is so; the test's own time limit is the end of waiting. */
export async function until(condition: () => boolean, everyMs = 5): Promise<void> {
  while (!condition()) await sleep(everyMs);
}
