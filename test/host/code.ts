import { appendFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format } from 'node:util';
import { mark } from '../integration/mark.ts';
import type { Page } from 'playwright-core';
import { launchBrowser } from './browser.ts';
import { startWorkbench, windowQuery, type WindowContent } from './workbench.ts';

/*
 * Takes the arguments of desktop VS Code that a test run needs, and runs the tests in the VS Code of npm, shown to a headless browser.
 * `@vscode/test-electron` starts it like any other VS Code and takes its exit code.
 */

interface Arguments {
  readonly content: WindowContent;
  readonly userDataFolder: string;
  readonly extensionsFolder: string | undefined;
  readonly trustEverything: boolean;
}

/** A run that says nothing for so long has hung. */
const silenceLimitMs = 180_000;

function parseArguments(args: readonly string[]): Arguments {
  const values = (name: string): string[] => args.filter((arg) => arg.startsWith(`--${name}=`)).map((arg) => arg.slice(name.length + 3));
  const opened = values('folder-uri')[0] ?? args.find((arg) => !arg.startsWith('-'));
  const isWorkspace = opened?.endsWith('.code-workspace') === true;
  const userDataFolder = values('user-data-dir')[0];
  if (userDataFolder === undefined) throw new Error('--user-data-dir is missing.');
  return {
    content: {
      folder: isWorkspace ? undefined : opened,
      workspace: isWorkspace ? opened : undefined,
      extensions: values('extensionDevelopmentPath'),
      tests: values('extensionTestsPath')[0],
    },
    userDataFolder,
    extensionsFolder: values('extensions-dir')[0],
    trustEverything: args.includes('--disable-workspace-trust'),
  };
}

/** Where desktop VS Code keeps them. */
async function readSettings(userDataFolder: string): Promise<Record<string, unknown>> {
  try {
    return JSON.parse(await readFile(join(userDataFolder, 'User', 'settings.json'), 'utf8')) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** The tests' lines; what the workbench itself has to say goes to the file that FERRY_TEST_LOG names. */
function print(type: string, text: string): void {
  const lines = text.split('\n').map((line) => (line.startsWith(mark) ? line.slice(mark.length) : undefined));
  const ours = lines.filter((line) => line !== undefined);
  if (ours.length > 0) process.stdout.write(`${ours.join('\n')}\n`);
  const log = process.env['FERRY_TEST_LOG'];
  if (log) appendFileSync(log, `${type} ${text}\n`);
}

/** The workbench calls these for the tests' console and for their end; they must be there before the page loads. */
async function testsIn(page: Page): Promise<{ readonly ended: Promise<number> }> {
  let end: (code: number) => void;
  const ended = new Promise<number>((resolve) => {
    end = resolve;
  });
  let silence = setTimeout(() => {}, 0);
  const heard = (): void => {
    clearTimeout(silence);
    silence = setTimeout(() => {
      console.error(`The tests in VS Code said nothing for ${String(silenceLimitMs / 1000)} s; ended.`);
      end(1);
    }, silenceLimitMs);
  };
  heard();
  await page.exposeFunction('codeAutomationLog', (type: string, args: unknown[]) => {
    heard();
    print(type, format(...args));
  });
  await page.exposeFunction('codeAutomationExit', (code: number) => end(code));
  page.once('crash', () => {
    console.error('The browser page crashed.');
    end(1);
  });
  return { ended: ended.finally(() => clearTimeout(silence)) };
}

async function run(args: Arguments): Promise<number> {
  const settings = await readSettings(args.userDataFolder);
  const workbench = await startWorkbench({
    dataFolder: join(args.userDataFolder, 'server'),
    extensionsFolder: args.extensionsFolder,
    testDriver: true,
    settings: args.trustEverything ? { 'security.workspace.trust.enabled': false, ...settings } : settings,
  });
  try {
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage();
      const tests = await testsIn(page);
      await page.goto(workbench.url(windowQuery(workbench.port, args.content)));
      return await tests.ended;
    } finally {
      await browser.close();
    }
  } finally {
    await workbench.stop();
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));
process.exit(await run(parseArguments(process.argv.slice(2))));
