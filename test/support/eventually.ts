import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until the assertion holds; fails as it does after `patienceMs`. */
export async function eventually(assertion: () => void | Promise<void>, patienceMs = 30_000): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    try {
      await assertion();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await sleep(50);
    }
  }
}
