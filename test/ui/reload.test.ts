import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, startDemoDriver, trust, type DemoDriver } from './demoDriver.ts';
import type { Window } from './driver.ts';

/* A window that is reloaded brings unsaved documents back, and Ferry still knows what they are based on. */
describe('a reload with unsaved changes', () => {
  const host = 'demo-sftp';
  const file = 'desk/notes.txt';
  let demo: DemoDriver;
  let window: Window;

  before(async function () {
    demo = await startDemoDriver(this);
    mkdirSync(demo.disk(host, 'desk'));
    writeFileSync(demo.disk(host, file), 'theirs');
    window = await demo.driver.open({ folder: `sftp://${host}/desk` });
    await trust(window, demo.servers.hostKeyFingerprint);
  });

  after(() => demo.stop());

  afterEach(async function () {
    await window.keepFailure(this.currentTest);
  });

  /** VS Code writes unsaved text down a second after the last key; a browser's page may go before. */
  function backups(): string[] {
    const folder = join(demo.driver.userFolder, 'Backups');
    if (!existsSync(folder)) return [];
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    return files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'));
  }

  async function reload(text: string): Promise<void> {
    await eventually(() => assert.ok(backups().some((backup) => backup.startsWith(`sftp://`) && backup.includes(text))));
    await window.navigated(() => window.runCommand('Developer: Reload Window'));
    await window.editor.waitFor('notes.txt');
    await window.editor.waitUntilDirty('notes.txt');
  }

  it('saves what came back', async () => {
    await window.explorer.open('notes.txt');
    await window.editor.waitFor('notes.txt');
    await window.editor.typeAtStart('mine and ');
    await reload('mine and theirs');
    await window.editor.save('notes.txt');
    assert.equal(demo.read(host, file), 'mine and theirs');
  });

  it('writes nothing over a change that was made meanwhile, though neither size nor time tells', async () => {
    await window.editor.typeAtStart('again ');
    await window.editor.waitUntilDirty('notes.txt');
    const { mtime } = statSync(demo.disk(host, file));
    writeFileSync(demo.disk(host, file), 'MINE AND THEIRS');
    utimesSync(demo.disk(host, file), mtime, mtime);
    await reload('again mine and theirs');
    await window.editor.pressSave();
    // The content that it is based on outlived the reload too, so that both can be merged.
    await window.notifications.waitFor(/Nothing was written.*Merge/s);
    assert.equal(demo.read(host, file), 'MINE AND THEIRS');
  });
});
