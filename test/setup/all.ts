import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { browserMissing, findBrowser } from '../host/browser.ts';
import { findVSCode } from '../host/vscode.ts';
import { installWorkbench } from '../host/workbenchInstall.ts';
import { serversAreRequired } from '../servers/server.ts';
import { inRepository } from './commands.ts';
import { ensurePackages } from './debian.ts';
import { check, integrationTests, mochaTests, type Stage, type StageResult } from './stages.ts';

/*
 * npm test: everything. A failed stage stops nothing. Words after the command choose stages by name: `npm test -- unit contract`.
 */
const checks: readonly Stage[] = [
  check('lint', 'npm', ['run', '--silent', 'lint']),
  check('types', 'npm', ['run', '--silent', 'types']),
  check('dead code', 'npm', ['run', '--silent', 'dead']),
];

/** Before any test, also where only some are chosen: they run what was built. */
const builds: readonly Stage[] = [
  check('build', 'npm', ['run', '--silent', 'build']),
  check('build of the tests inside VS Code', 'npm', ['run', '--silent', 'build:integration']),
];

/** In the order in which they begin: the longest first, so that none is left alone at the end. */
const tests: readonly Stage[] = [...userInterface(), ...contractStages(), ...integration(), ...others()];

/** A stage's test modules by the names of their files (`*` stands for any), and its load. */
type Groups = Readonly<Record<string, { readonly names: readonly string[]; readonly load: number }>>;

/** Every module of a folder is in one group: `rest` takes what the others leave. */
function grouped(folder: string, groups: Groups, rest: { readonly name: string; readonly load: number }, timeoutMs: number): Stage[] {
  const files = (names: readonly string[]): string[] => names.map((name) => `${folder}/${name}.test.ts`);
  const taken = files(Object.values(groups).flatMap(({ names }) => names)).map((pattern) => `!${pattern}`);
  return [
    mochaTests(rest.name, [`${folder}/*.test.ts`, ...taken], { timeoutMs, load: rest.load }),
    ...Object.entries(groups).map(([name, { names, load }]) => mochaTests(name, files(names), { timeoutMs, load })),
  ];
}

function userInterface(): Stage[] {
  const groups: Groups = { 'ui: saving': { names: ['sav*', 'crashes', 'reload', 'merging', 'relist', 'trash'], load: 0.8 } };
  return grouped('test/ui', groups, { name: 'ui: the rest', load: 0.8 }, 400_000);
}

function contractStages(): Stage[] {
  const groups: Groups = {
    'contract: other FTP servers': { names: ['proftpd', 'pureftpd', 'pyftpdlib', 'ftp*'], load: 0.7 },
    'contract: SSH': { names: ['openssh*', 'dropbear', 'proftpdSftp', 'ssh*', 'sftp*', 'shell'], load: 0.7 },
    'contract: vsftpd': { names: ['vsftpd'], load: 0.7 },
    'contract: demo servers': { names: ['demo'], load: 0.7 },
    'contract: hostile servers': { names: ['hostile*', 'impostor', 'eventLoop', 'trash'], load: 0.7 },
    'contract: black holes, limits': { names: ['faultsStalled', 'faultsLimits', 'connectionLife', 'deadLine'], load: 1.5 },
    'contract: round trips': { names: ['roundTrips*'], load: 1 },
  };
  return grouped('test/contract', groups, { name: 'contract: faults', load: 0.7 }, 120_000);
}

function integration(): Stage[] {
  return [
    integrationTests('integration: saving', ['sav*', 'sameFile', 'overwriting'], []),
    integrationTests('integration: the rest', ['*'], ['sav*', 'sameFile', 'overwriting']),
  ];
}

function others(): Stage[] {
  return [
    mochaTests('unit', ['test/unit/**/*.test.ts'], { timeoutMs: 120_000, load: 1 }),
    mochaTests('contract: matrix', ['test/contract/matrix/*.test.ts'], { timeoutMs: 120_000, load: 2 }),
    mochaTests('torture', ['test/torture/*.test.ts'], { timeoutMs: 120_000, load: 3 }),
  ];
}

const preparation = 'packages and VS Code';
const needsWindow = ({ name }: Stage): boolean => /^(?:integration|ui)\b/.test(name);

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
  const skipped =
    noVSCode === undefined
      ? []
      : chosen(tests)
          .filter(needsWindow)
          .map(({ name }) => name);
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
  return chosen(tests).some(needsWindow);
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

/** As many at once as `cores` carry, and at least one: a machine that is asked too much makes servers and deadlines fail that are right. */
async function runWithin(stages: readonly Stage[], cores: number): Promise<StageResult[]> {
  const waiting = [...stages];
  const running = new Map<Stage, Promise<StageResult>>();
  const results: StageResult[] = [];
  for (;;) {
    let free = cores - [...running.keys()].reduce((load, stage) => load + stage.load, 0);
    for (const stage of [...waiting]) {
      if (stage.load > free && running.size > 0) continue;
      free -= stage.load;
      waiting.splice(waiting.indexOf(stage), 1);
      console.log(`… ${stage.name}`);
      running.set(stage, stage.run());
    }
    if (running.size === 0) return results;
    const { stage, result } = await Promise.race([...running].map(async ([stage, run]) => ({ stage, result: await run })));
    running.delete(stage);
    report(result);
    results.push(result);
  }
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
  for (const stages of [chosen(checks), builds, chosen(tests)]) {
    const possible = stages.filter(({ name }) => !unavailable.includes(name));
    results.push(...(await runWithin(possible, availableParallelism())));
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
