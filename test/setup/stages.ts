import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inRepository, runCommand, type Finished } from './commands.ts';
import type { TestResult } from './testResult.ts';

/** One line of the summary. */
export interface StageResult extends TestResult {
  readonly name: string;
  readonly seconds: number;
  /** Servers and tools that were not there, in words. */
  readonly reasons: readonly string[];
}

/** Part of `npm test`. */
export interface Stage {
  readonly name: string;
  /** How many cores it keeps busy, about; much of their time most tests wait for a server. */
  readonly load: number;
  run(): Promise<StageResult>;
}

const stageLimitMs = 25 * 60_000;
const resultFolder = inRepository('dist', 'test');

/** A command that is one check: right or wrong. */
export function check(name: string, command: string, args: readonly string[]): Stage {
  return stage(
    { name, load: 1 },
    () => runCommand(command, args, { timeoutMs: stageLimitMs }),
    (finished) => ({
      passed: finished.code === 0 ? 1 : 0,
      failed: finished.code === 0 ? [] : [{ title: name, message: finished.output.trim() }],
      skipped: [],
    }),
  );
}

/** Test modules under mocha, in a process of their own. */
export function mochaTests(
  name: string,
  patterns: readonly string[],
  { timeoutMs, load }: { readonly timeoutMs: number; readonly load: number },
): Stage {
  const file = resultFile(name);
  const args = [inRepository('test', 'setup', 'mocha.ts'), file, String(timeoutMs), ...patterns];
  return tests({ name, load }, file, () => runCommand(process.execPath, args, { env: { FERRY_BUILT: '1' }, timeoutMs: stageLimitMs }));
}

/** Tests that run inside VS Code: the modules whose names match one of `names` and none of `except` (`*` stands for any). */
export function integrationTests(name: string, names: readonly string[], except: readonly string[]): Stage {
  const file = resultFile(name);
  const env = { FERRY_BUILT: '1', FERRY_TEST_RESULT: file };
  const args = [inRepository('test', 'setup', 'integration.ts'), ...names, ...except.map((pattern) => `!${pattern}`)];
  return tests({ name, load: 1 }, file, () => runCommand(process.execPath, args, { env, timeoutMs: stageLimitMs }));
}

function fileName(name: string): string {
  return name.replaceAll(/\W+/g, '-');
}

function resultFile(name: string): string {
  return join(resultFolder, `${fileName(name)}.json`);
}

function tests(about: Pick<Stage, 'name' | 'load'>, file: string, run: () => Promise<Finished>): Stage {
  const fresh = async (): Promise<Finished> => {
    await rm(file, { force: true });
    return run();
  };
  return stage(about, fresh, async (finished) => {
    const result = await readFile(file, 'utf8').then(
      (text) => JSON.parse(text) as TestResult,
      () => undefined,
    );
    if (result === undefined) return broken(about.name, 'It ended before its tests did.', finished);
    if (finished.code !== 0 && result.failed.length === 0)
      return { ...broken(about.name, 'Its tests passed, but it failed.', finished), passed: result.passed };
    return result;
  });
}

function broken(title: string, what: string, { output }: Finished): TestResult {
  return { passed: 0, failed: [{ title, message: `${what}\n${output.slice(-4000)}` }], skipped: [] };
}

function stage(
  { name, load }: Pick<Stage, 'name' | 'load'>,
  run: () => Promise<Finished>,
  judge: (finished: Finished) => TestResult | Promise<TestResult>,
): Stage {
  return {
    ...{ name, load },
    run: async () => {
      await mkdir(resultFolder, { recursive: true });
      const start = performance.now();
      const finished = await run();
      await writeFile(join(resultFolder, `${fileName(name)}.log`), finished.output);
      const result = await judge(finished);
      /* The tests of `requireServer` itself print such lines too. */
      const reasons = result.skipped.length > 0 ? reasonsIn(finished.output) : [];
      return { name, seconds: (performance.now() - start) / 1000, reasons, ...result };
    },
  };
}

/** `requireServer` of test/servers/server.ts says them. */
function reasonsIn(output: string): string[] {
  return [...new Set([...output.matchAll(/^\s*skipped: (.+)$/gm)].map((match) => match[1] ?? ''))];
}
