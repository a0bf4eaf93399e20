import type { Locator } from 'playwright-core';

/** Long enough for a busy machine, and shorter than a test, so that what was waited for is named. */
export const patienceMs = 90_000;

/** Whether it comes in sight within `timeout` ms. */
export async function isSoonSeen(what: Locator, timeout = 5000): Promise<boolean> {
  return what
    .first()
    .waitFor({ timeout })
    .then(
      () => true,
      () => false,
    );
}

/**
 * Does it, and again as a person would, until `goal` is in sight: a list that VS Code draws anew just then takes no command and lets fall
 * what is dragged. Where the machine is slow `act` may find that it had an effect after all, and fail: it has to give up soon.
 */
export async function doUntilSeen(goal: Locator, act: () => Promise<unknown>, timeout = 5000): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    let failure = new Error(`It was never seen: ${String(goal)}`);
    await act().catch((error: unknown) => {
      if (error instanceof Error) failure = error;
    });
    if (await isSoonSeen(goal, timeout)) return;
    if (performance.now() > deadline) throw failure;
  }
}
