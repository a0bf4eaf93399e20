import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Test } from 'mocha';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { browserMissing, findBrowser, launchBrowser } from '../host/browser.ts';
import { installFerry } from '../host/installFerry.ts';
import { distFolder, repository } from '../host/places.ts';
import { startWorkbench, windowQuery, type WindowContent, type Workbench } from '../host/workbench.ts';
import { removeFolder, temporaryFolder } from '../servers/folder.ts';
import { ServerUnavailable } from '../servers/server.ts';
import { EditorArea } from './driverEditor.ts';
import { Explorer } from './driverExplorer.ts';
import { Dialog, ContextMenu, Notifications, QuickInput } from './driverQuestions.ts';
import { escapeRegExp } from './escapeRegExp.ts';
import { doUntilSeen, patienceMs } from './patience.ts';

export interface DriverOptions {
  /** The person's settings, beside those that keep the window quiet. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Reaches the extension host. */
  readonly env?: NodeJS.ProcessEnv;
  /** Puts more extensions into the folder of extensions, beside Ferry. */
  readonly install?: (extensions: string) => Promise<unknown>;
}

/** VS Code with Ferry in it, as a person uses it: by eye, keyboard and mouse. */
export interface Driver {
  /** A further window of the person who has `beside` open: it shares what VS Code remembers. */
  openBeside(beside: Window, content: Pick<WindowContent, 'folder' | 'workspace'>): Promise<Window>;
  /** Opens a window, and waits until it is usable. The folder is a path or a URI of any scheme. */
  open(content: Pick<WindowContent, 'folder' | 'workspace'>): Promise<Window>;
  /** Settings, logs and state of this VS Code. */
  readonly dataFolder: string;
  /** What VS Code has written down of unsaved documents; it does so a second after the last key. Each begins with the document's URI. */
  backups(): string[];
  /** Ends the newest window's extension host as the kernel or a crash would. Resolves when VS Code has started another. */
  killExtensionHost(): Promise<void>;
  /** What the server of the workbench printed, for failures. */
  output(): string;
  stop(): Promise<void>;
}

/** No window asks or advertises what the test is not about. Workspace trust is off; its tests put it on. */
const quiet = {
  'workbench.startupEditor': 'none',
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.tips.enabled': false,
  'chat.disableAIFeatures': true,
  'extensions.ignoreRecommendations': true,
  'explorer.compactFolders': false,
  'editor.minimap.enabled': false,
  'editor.quickSuggestions': { other: 'off', comments: 'off', strings: 'off' },
  'editor.suggestOnTriggerCharacters': false,
  'files.autoSave': 'off',
  'git.enabled': false,
  'remote.autoForwardPorts': false,
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
};

export async function startDriver(options: DriverOptions = {}): Promise<Driver> {
  if (findBrowser() === undefined) throw new ServerUnavailable(browserMissing);
  const folder = temporaryFolder('ui');
  /* Installed, not under development: VS Code shows no notification by itself where it is under test. */
  await installFerry(join(folder, 'extensions'));
  await options.install?.(join(folder, 'extensions'));
  const workbench = await startWorkbench({
    dataFolder: folder,
    settings: { ...quiet, ...options.settings },
    env: options.env,
  });
  const browser = await launchBrowser();
  return {
    dataFolder: folder,
    open: async (content) => openWindow(workbench, folder, await newPerson(browser), content),
    openBeside: (beside, content) => openWindow(workbench, folder, beside.page.context(), content),
    backups: () => readBackups(join(folder, 'data', 'User', 'Backups')),
    killExtensionHost: async () => killExtensionHost(workbench),
    output: () => workbench.output(),
    stop: async () => {
      await browser.close();
      await workbench.stop();
      removeFolder(folder);
    },
  };
}

/** The workbench's server says of each which process it is. */
async function killExtensionHost(workbench: Workbench): Promise<void> {
  const newest = (): number => Number([...workbench.output().matchAll(/<(\d+)> Launched Extension Host Process/g)].at(-1)?.[1]);
  const killed = newest();
  process.kill(killed, 'SIGKILL');
  const deadline = performance.now() + patienceMs;
  while (newest() === killed) {
    if (performance.now() > deadline) throw new Error(`No other extension host was started:\n${workbench.output().slice(-2000)}`);
    await sleep(20);
  }
}

function readBackups(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'));
}

async function newPerson(browser: Browser): Promise<BrowserContext> {
  const permissions = ['clipboard-read', 'clipboard-write'];
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, permissions });
  context.setDefaultTimeout(patienceMs);
  return context;
}

async function openWindow(workbench: Workbench, dataFolder: string, context: BrowserContext, content: WindowContent): Promise<Window> {
  const page = await context.newPage();
  const before = startedHosts(dataFolder);
  await page.goto(workbench.url(windowQuery(workbench.port, content)));
  const window = new Window(page, dataFolder);
  await window.ready();
  const deadline = performance.now() + patienceMs;
  while (startedHosts(dataFolder) === before && performance.now() < deadline) await sleep(100);
  /* A window whose extension host was too slow to come up connects to it twice, and never tells it what to run: a bug of VS Code's own. */
  if (startedHosts(dataFolder) === before) {
    await page.reload();
    await window.ready();
  }
  return window;
}

/** How many extension hosts of windows have begun to run extensions. */
function startedHosts(dataFolder: string): number {
  const logs = globSync('data/logs/*/exthost*/remoteexthost.log', { cwd: dataFolder });
  return logs.filter((log) => readFileSync(join(dataFolder, log), 'utf8').includes('_doActivateExtension')).length;
}

/** Runs in the page. */
const readStorage = `(async () => {
  const request = (asked) => new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  const found = [JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage })];
  for (const { name } of await indexedDB.databases()) {
    const database = await request(indexedDB.open(name));
    for (const store of database.objectStoreNames) {
      const values = await request(database.transaction(store).objectStore(store).getAll());
      found.push(JSON.stringify(values, (_, value) => (value instanceof Uint8Array ? new TextDecoder().decode(value) : value)));
    }
    database.close();
  }
  return found.join('\\n');
})()`;

/** One window. Every action waits until what it needs is there, for at most 90 s; nothing ever sleeps. */
export class Window {
  readonly page: Page;
  readonly explorer: Explorer;
  readonly editor: EditorArea;
  readonly quickInput: QuickInput;
  readonly dialog: Dialog;
  readonly notifications: Notifications;
  readonly contextMenu: ContextMenu;

  readonly #dataFolder: string;

  constructor(page: Page, dataFolder: string) {
    this.page = page;
    this.#dataFolder = dataFolder;
    this.explorer = new Explorer(page);
    this.editor = new EditorArea(page);
    this.quickInput = new QuickInput(page);
    this.dialog = new Dialog(page);
    this.notifications = new Notifications(page);
    this.contextMenu = new ContextMenu(page);
  }

  /** Also after the window was reloaded, or opened another folder by itself. */
  async ready(): Promise<void> {
    await this.page.locator('.monaco-workbench .part.statusbar').waitFor();
    await this.page.locator('.monaco-workbench .part.activitybar .action-item').first().waitFor();
  }

  /** By its full title, as the command palette shows it, which is opened again for a command that a new window does not offer yet. */
  async runCommand(title: string): Promise<void> {
    for (let left = 3; ; left--) {
      await this.page.keyboard.press('F1');
      try {
        await this.quickInput.fill(`>${title}`, 30_000);
        await this.quickInput.pick(title, 30_000);
        return;
      } catch (error) {
        if (left === 1) throw error;
        await this.page.keyboard.press('Escape');
      }
    }
  }

  /** A view container of the Activity Bar, by its title; it is shown, not hidden, if it was open. */
  async showView(title: string): Promise<void> {
    const item = this.page.locator(`.part.activitybar .action-item:has(.action-label[aria-label^="${title}"])`).first();
    await item.waitFor();
    if ((await item.getAttribute('class'))?.includes('checked')) return;
    await item.click();
    await this.page.locator(`.part.activitybar .action-item.checked:has(.action-label[aria-label^="${title}"])`).first().waitFor();
  }

  /** A row of any tree in the side bar but the Explorer's. */
  viewRow(name: string): Locator {
    const label = this.page.locator('.label-name', { hasText: new RegExp(`^${escapeRegExp(name)}$`) });
    return this.page.locator('.part.sidebar .monaco-list-row').filter({ has: label });
  }

  /** Folds such a row open. */
  async expandRow(row: Locator): Promise<void> {
    await doUntilSeen(row.and(this.page.locator('[aria-expanded="true"]')), async () => {
      if ((await row.getAttribute('aria-expanded')) === 'false') await row.locator('.monaco-tl-twistie').click({ timeout: 5000 });
    });
  }

  /** The window that `action` opens. */
  async opened(action: () => Promise<void>): Promise<Window> {
    const [page] = await Promise.all([this.page.context().waitForEvent('page'), action()]);
    const window = new Window(page, this.#dataFolder);
    await window.ready();
    return window;
  }

  /** Waits until this window has gone to another folder, which `action` brings about. */
  async navigated(action: () => Promise<void>): Promise<void> {
    await Promise.all([this.page.waitForEvent('load'), action()]);
    await this.ready();
  }

  /** Kept under dist/screenshots; the path. */
  async screenshot(name: string): Promise<string> {
    const folder = join(distFolder, 'screenshots');
    await mkdir(folder, { recursive: true });
    const path = join(folder, `${name}.png`);
    await this.page.screenshot({ path, animations: 'disabled' });
    return path;
  }

  /** All that VS Code keeps in the browser, as text. */
  async stored(): Promise<string> {
    return this.page.evaluate<string>(readStorage);
  }

  /** One of README's; written only where FERRY_PICTURES is set. */
  async picture(name: string): Promise<void> {
    if (!process.env['FERRY_PICTURES']) return;
    await this.page.mouse.move(700, 500);
    await this.page.screenshot({ path: join(repository, 'media', `${name}.png`), animations: 'disabled' });
  }

  /** For `afterEach`: what the person's windows showed when the test failed, and what VS Code and its extensions logged. */
  async keepFailure(test: Test | undefined): Promise<void> {
    if (test?.state !== 'failed') return;
    const name = `failed-${test.title.replace(/\W+/g, '-')}`;
    for (const [index, page] of this.page.context().pages().entries())
      await new Window(page, this.#dataFolder).screenshot(`${name}-${String(index + 1)}`);
    await cp(join(this.#dataFolder, 'data', 'logs'), join(distFolder, 'screenshots', `${name}-logs`), { recursive: true, force: true });
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}
