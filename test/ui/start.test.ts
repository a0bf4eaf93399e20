import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { launchBrowser } from '../host/browser.ts';
import { repository } from '../host/places.ts';
import { removeFolder, temporaryFolder } from '../servers/folder.ts';
import { descendants } from '../servers/process.ts';
import { requireServer } from '../servers/server.ts';
import { eventually } from '../support/eventually.ts';
import { startDriver } from './driver.ts';

describe('npm start', () => {
  let folder: string;
  let demo: ChildProcess;
  let output = '';

  before(async function () {
    /* Where the driver can't run, neither can this. */
    await (await requireServer(this, () => startDriver())).stop();
    folder = temporaryFolder('start');
    demo = spawn(process.execPath, [join(repository, 'test', 'demo', 'start.ts'), folder], {
      cwd: repository,
      /* The workbench, also where a desktop VS Code could be had. */
      env: { ...process.env, FERRY_WORKBENCH: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    demo.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    demo.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await said(/Ctrl\+C ends everything/);
  });

  after(() => {
    demo.kill('SIGKILL');
    removeFolder(folder);
  });

  it('prints an address that shows VS Code, for who has the token only', async () => {
    const address = /Open (http\S+) in a browser/.exec(output)?.[1] ?? '';
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage();
      assert.equal((await page.goto(address.replace(/tkn=[^&]*&/, '')))?.status(), 403);
      await page.goto(address);
      await page.locator('.monaco-workbench .part.statusbar').waitFor();
    } finally {
      await browser.close();
    }
  });

  it('prints the password and the fingerprints', () => {
    assert.match(output, /The password for all demo hosts is ferry-[0-9a-f]{10} /);
    assert.match(output, /SHA256:[\w+/]{43}/);
  });

  it('leaves no process behind on Ctrl+C', async () => {
    const started = descendants(demo.pid ?? 0);
    assert.ok(started.length > 0);
    const ended = new Promise((resolve) => demo.once('exit', resolve));
    demo.kill('SIGINT');
    assert.equal(await ended, 0);
    await eventually(() => assert.deepEqual(started.filter(isAlive), []), 5000);
  });

  async function said(text: RegExp): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (text.test(output)) resolve();
      };
      demo.stdout?.on('data', look);
      demo.once('exit', () => reject(new Error(`It ended:\n${output}`)));
    });
  }
});

/** One that has ended and is still to be collected by its parent is not alive. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/\) Z /.test(readFileSync(`/proc/${String(pid)}/stat`, 'latin1'));
  } catch {
    return false;
  }
}
