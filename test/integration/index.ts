import { writeFile } from 'node:fs/promises';
import { format } from 'node:util';
import Mocha from 'mocha';
import { collect } from '../setup/testResult.ts';
import { mark } from './mark.ts';

/** VS Code calls this in its extension host. `FERRY_TEST_FILES` names the modules beside this one, separated by blanks. */
export async function run(): Promise<void> {
  Mocha.reporters.Base.consoleLog = (...args: unknown[]) => console.log(format(...args).replace(/^/gm, mark));
  const mocha = new Mocha({ ui: 'bdd', timeout: 120_000, reporter: 'spec', color: false });
  mocha.suite.emit('pre-require', globalThis, '', mocha);
  for (const name of (process.env['FERRY_TEST_FILES'] ?? '').split(' ').filter(Boolean)) await import(`./${name}.test.ts`);
  const result = await collect((ended) => mocha.run(ended));
  const file = process.env['FERRY_TEST_RESULT'];
  if (file) await writeFile(file, JSON.stringify(result));
  if (result.failed.length > 0) throw new Error(`${String(result.failed.length)} tests failed.`);
  if (result.passed === 0) throw new Error('No test ran.');
}
