import { writeFile } from 'node:fs/promises';
import { format } from 'node:util';
import Mocha from 'mocha';
import { mark } from './mark.ts';

/** What a run came to; `test/setup/integration.ts` and the summary of `npm test` read it from `FERRY_TEST_RESULT`. */
export interface TestResult {
  readonly passes: number;
  readonly failures: number;
  readonly pending: number;
}

/** VS Code calls this in its extension host. `FERRY_TEST_FILES` names the modules beside this one, separated by blanks. */
export async function run(): Promise<void> {
  Mocha.reporters.Base.consoleLog = (...args: unknown[]) => console.log(format(...args).replace(/^/gm, mark));
  const mocha = new Mocha({ ui: 'bdd', timeout: 60_000, reporter: 'spec', color: false });
  mocha.suite.emit('pre-require', globalThis, '', mocha);
  for (const name of (process.env['FERRY_TEST_FILES'] ?? '').split(' ').filter(Boolean)) await import(`./${name}.test.ts`);
  const { passes, failures, pending } = await runSuite(mocha);
  await report({ passes, failures, pending });
  if (failures > 0) throw new Error(`${String(failures)} tests failed.`);
  if (passes === 0) throw new Error('No test ran.');
}

async function runSuite(mocha: Mocha): Promise<TestResult> {
  return new Promise((resolve) => {
    const runner = mocha.run((failures) => resolve({ passes: runner.stats?.passes ?? 0, failures, pending: runner.stats?.pending ?? 0 }));
  });
}

async function report(result: TestResult): Promise<void> {
  const file = process.env['FERRY_TEST_RESULT'];
  if (file) await writeFile(file, JSON.stringify(result));
}
