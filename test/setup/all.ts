import { rm } from 'node:fs/promises';
import { browserMissing, findBrowser } from '../host/browser.ts';
import { findVSCode } from '../host/vscode.ts';
import { installWorkbench } from '../host/workbenchInstall.ts';
import { serversAreRequired } from '../servers/server.ts';
import { inRepository } from './commands.ts';
import { ensurePackages } from './debian.ts';
import { check, integrationTests, mochaTests, type Stage, type StageResult } from './stages.ts';

/*
 * npm test: everything. Stages of one line run at once; a failed one stops nothing. Words after the command choose stages by name:
 * `npm test -- unit contract`.
 */
const lines: readonly (readonly Stage[])[] = [
  [
    check('lint', 'npm', ['run', '--silent', 'lint']),
    check('types', 'npm', ['run', '--silent', 'types']),
    check('dead code', 'npm', ['run', '--silent', 'dead']),
    check('build', 'npm', ['run', '--silent', 'build']),
  ],
  [mochaTests('unit', ['test/unit/**/*.test.ts'], 20_000), ...contractStages(), mochaTests('torture', ['test/torture/*.test.ts'], 60_000)],
  [integrationTests('integration'), mochaTests('ui', ['test/ui/**/*.test.ts'], 120_000)],
];

/** In groups that run at once: much of their time they wait for a server. Every file is in one: the last takes what the others leave. */
function contractStages(): Stage[] {
  const groups = {
    'contract: SSH': ['openssh', 'dropbear', 'proftpdSftp', 'ssh*', 'sftp*'],
    'contract: vsftpd': ['vsftpd'],
    'contract: other FTP servers': ['proftpd', 'pureftpd', 'pyftpdlib', 'ftp*'],
    'contract: demo servers': ['demo'],
    'contract: black holes, limits': ['faultsStalled', 'faultsLimits'],
  };
  const files = (names: readonly string[]): string[] => names.map((name) => `test/contract/${name}.test.ts`);
  const grouped = files(Object.values(groups).flat()).map((pattern) => `!${pattern}`);
  return [
    ...Object.entries(groups).map(([name, names]) => mochaTests(name, files(names), 60_000)),
    mochaTests('contract: matrix', ['test/contract/matrix/*.test.ts'], 60_000),
    mochaTests('contract: faults', ['test/contract/*.test.ts', ...grouped], 60_000),
  ];
}

const preparation = 'packages and VS Code';
const vscodeStages = ['integration', 'ui'];

function chosen(stages: readonly Stage[]): Stage[] {
  const names = process.argv.slice(2);
  return stages.filter(({ name }) => names.length === 0 || names.some((chosen) => name === chosen || name.startsWith(`${chosen}:`)));
}

/** What the stages share is made ready first, so that its time is not theirs. */
async function prepare(): Promise<StageResult> {
  const start = performance.now();
  const { missing } = ensurePackages();
  const reasons = missing.map((name) => `the package ${name} is not installed`);
  const noVSCode = needsVSCode() ? await prepareVSCode() : undefined;
  if (noVSCode !== undefined) reasons.push(noVSCode);
  const failed = serversAreRequired() ? reasons.map((message) => ({ title: 'preparation', message })) : [];
  const skipped = noVSCode === undefined ? [] : vscodeStages;
  return { name: preparation, seconds: (performance.now() - start) / 1000, passed: 0, failed, skipped, reasons };
}

/** Why VS Code can't be had, or undefined. */
async function prepareVSCode(): Promise<string | undefined> {
  if (findBrowser() === undefined) return browserMissing;
  try {
    await findVSCode();
    /* The user interface is driven in a browser, also where integration has a desktop VS Code. */
    await installWorkbench(console.log);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function needsVSCode(): boolean {
  return lines.some((line) => chosen(line).some(({ name }) => vscodeStages.includes(name)));
}

/** Of one stage; all are in its log. */
const shownSkips = 5;

function report(result: StageResult): void {
  const { name, passed, failed, skipped, seconds } = result;
  const counts = `${String(passed)} passed${failed.length > 0 ? `, ${String(failed.length)} failed` : ''}${skipped.length > 0 ? `, ${String(skipped.length)} skipped` : ''}`;
  console.log(`${failed.length > 0 ? '✘' : '✔'} ${name}: ${counts} (${seconds.toFixed(1)} s)`);
  for (const failure of failed) console.log(`    ✘ ${failure.title}\n${failure.message.replace(/^/gm, '        ')}`);
  for (const reason of result.reasons) console.log(`    skipped: ${reason}`);
  if (result.reasons.length > 0) return;
  for (const title of skipped.slice(0, shownSkips)) console.log(`    skipped: ${title}`);
  if (skipped.length > shownSkips) console.log(`    … and ${String(skipped.length - shownSkips)} more that these servers do not offer`);
}

function sum(results: readonly StageResult[], count: (result: StageResult) => number): number {
  return results.reduce((total, result) => total + count(result), 0);
}

async function runAll(): Promise<number> {
  await rm(inRepository('dist', 'test'), { recursive: true, force: true });
  console.log(`… ${preparation}`);
  const results = [await prepare()];
  for (const result of results) report(result);
  const unavailable = results.flatMap((result) => result.skipped);
  for (const line of lines) {
    const stages = chosen(line).filter(({ name }) => !unavailable.includes(name));
    for (const { name } of stages) console.log(`… ${name}`);
    const running = stages.map(async (stage) => {
      const result = await stage.run();
      report(result);
      return result;
    });
    results.push(...(await Promise.all(running)));
  }
  const failed = sum(results, (result) => result.failed.length);
  console.log('Full output: dist/test/*.log');
  console.log(
    `${String(sum(results, (result) => result.passed))} passed, ${String(failed)} failed, ${String(sum(results, (result) => result.skipped.length))} skipped`,
  );
  return failed > 0 ? 1 : 0;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));
process.exit(await runAll());
