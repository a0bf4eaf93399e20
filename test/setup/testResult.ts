import type { Runner } from 'mocha';

/** What a run of mocha came to; plain data, handed from process to process as a file. */
export interface TestResult {
  readonly passed: number;
  readonly failed: readonly { readonly title: string; readonly message: string }[];
  /** Titles. */
  readonly skipped: readonly string[];
}

/** Resolves when the run has ended. A hook that failed counts as a failed test; the tests that it kept from running are not counted. */
export async function collect(start: (ended: () => void) => Runner): Promise<TestResult> {
  let passed = 0;
  const failed: { title: string; message: string }[] = [];
  const skipped: string[] = [];
  await new Promise<void>((resolve) => {
    const runner = start(resolve);
    runner.on('pass', () => passed++);
    runner.on('fail', (test, error: unknown) => {
      failed.push({ title: test.fullTitle(), message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    });
    runner.on('pending', (test) => skipped.push(test.fullTitle()));
  });
  return { passed, failed, skipped };
}
