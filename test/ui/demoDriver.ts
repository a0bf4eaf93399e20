export { eventually } from '../support/eventually.ts';
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from 'mocha';
import type { Locator } from 'playwright-core';
import { startDemoServers, type DemoName, type DemoServers, type HostSetting } from '../demo/servers.ts';
import { removeFolder, temporaryFolder } from '../servers/folder.ts';
import { requireServer } from '../servers/server.ts';
import { eventually } from '../support/eventually.ts';
import { startDriver, type Driver, type DriverOptions, type Window } from './driver.ts';
import { patienceMs } from './patience.ts';

export interface DemoDriverOptions {
  /** Beside the demo hosts' own. */
  readonly hosts?: (servers: DemoServers) => Promise<readonly HostSetting[]> | readonly HostSetting[];
  readonly settings?: Readonly<Record<string, unknown>>;
  /** As in `DriverOptions`. */
  readonly install?: DriverOptions['install'];
  /** As in `DriverOptions`. */
  readonly env?: NodeJS.ProcessEnv;
}

/** VS Code with the demo servers as saved hosts. */
export interface DemoDriver {
  readonly driver: Driver;
  readonly servers: DemoServers;
  /** For whatever a test puts on this computer's disk. */
  readonly folder: string;
  /** The file behind a server, on this computer's disk. */
  disk(name: DemoName, path: string): string;
  read(name: DemoName, path: string): string;
  exists(name: DemoName, path: string): boolean;
  stop(): Promise<void>;
}

/** For `before`: skips the suite where VS Code can't be driven. */
export async function startDemoDriver(context: Context, options: DemoDriverOptions = {}): Promise<DemoDriver> {
  const folder = temporaryFolder('demo-ui');
  const servers = await startDemoServers(join(folder, 'servers'));
  const hosts = [...Object.values(servers.hosts).map(({ setting }) => setting), ...((await options.hosts?.(servers)) ?? [])];
  const settings = { 'ferry.hosts': hosts, ...options.settings };
  const given = { ...(options.install && { install: options.install }), ...(options.env && { env: options.env }) };
  const driver = await requireServer(context, () => startDriver({ settings, ...given }));
  const disk = (name: DemoName, path: string): string => join(servers.hosts[name].folder, ...path.split('/'));
  return {
    ...{ driver, servers, folder, disk },
    read: (name, path) => readFileSync(disk(name, path), 'utf8'),
    exists: (name, path) => existsSync(disk(name, path)),
    stop: async () => {
      await driver.stop();
      await servers.stop();
      removeFolder(folder);
    },
  };
}

/** Answers the question for a new server's identity, after a look at the fingerprint. */
export async function trust(window: Window, fingerprint: string): Promise<void> {
  const text = await window.dialog.text();
  if (!text.includes(fingerprint)) throw new Error(`Not the server that was meant: ${text}`);
  await window.dialog.press('Trust and Connect');
}

export async function logIn(window: Window, password: string): Promise<void> {
  const { quickInput } = window;
  await quickInput.waitFor('Password for');
  await quickInput.fill(password);
  await quickInput.accept();
  // The question of the next host takes its place, with an empty box.
  await eventually(async () => assert.ok(!(await quickInput.widget.isVisible()) || (await quickInput.value()) === ''), patienceMs);
}

/** Answers what is asked about servers, in whichever order it comes, until `goal` is in sight. */
export async function answerUntil(window: Window, fingerprints: readonly string[], password: string, goal: Locator): Promise<void> {
  const question = window.quickInput.widget.filter({ hasText: 'Password for' });
  while (!(await goal.first().isVisible())) {
    await goal.or(window.dialog.box).or(question).first().waitFor();
    if (await window.dialog.box.isVisible()) {
      const text = await window.dialog.text();
      await trust(window, fingerprints.find((fingerprint) => text.includes(fingerprint)) ?? 'any of the fingerprints');
    } else if (await question.isVisible()) await logIn(window, password);
  }
}
