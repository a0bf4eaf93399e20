import assert from 'node:assert/strict';
import { mkdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { startFaultyProxy, type FaultyProxy } from '../servers/faultyProxy.ts';
import { freePort } from '../servers/process.ts';
import { answerUntil, eventually, startDemoDriver, trust, type DemoDriver } from './demoDriver.ts';
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
    writeFileSync(demo.disk(host, 'desk/both.txt'), 'before');
    window = await demo.driver.open({ folder: `sftp://${host}/desk` });
    await trust(window, demo.servers.hostKeyFingerprint);
  });

  after(() => demo.stop());

  afterEach(async function () {
    await window.keepFailure(this.currentTest);
  });

  async function reload(text: string): Promise<void> {
    await eventually(() => assert.ok(demo.driver.backups().some((backup) => backup.startsWith(`sftp://`) && backup.includes(text))));
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

  it('tells of a save that somebody replaced at that moment, though the window ended before it could look', async () => {
    await window.explorer.open('both.txt');
    await window.editor.waitFor('both.txt');
    await window.editor.typeAtStart('mine and ');
    await window.editor.save('both.txt');
    await window.navigated(async () => {
      await window.page.reload();
    });
    writeFileSync(demo.disk(host, 'desk/both.txt'), 'their own');
    await window.notifications.waitFor(/both\.txt is not on demo-sftp what you saved on/);
    await window.notifications.press(/both\.txt is not on/, 'Compare');
    await window.editor.waitForTab('both.txt (what you saved) ↔ both.txt (on demo-sftp)');
    assert.equal(demo.read(host, 'desk/both.txt'), 'their own');
  });
});

/* The window is closed with unsaved changes, and opened again later. */
describe('a window that is closed with unsaved changes', () => {
  const host = 'demo-sftp';
  const folder = 'sftp://far-sftp/desk';
  let demo: DemoDriver;
  let window: Window;
  let proxy: FaultyProxy;
  let port: number;

  before(async function () {
    demo = await startDemoDriver(this, {
      hosts: async (servers) => {
        const { setting } = servers.hosts[host];
        port = setting.port;
        proxy = await startFaultyProxy({ port });
        return [{ ...setting, name: 'far-sftp', port: proxy.port }];
      },
    });
    mkdirSync(demo.disk(host, 'desk'));
    for (const name of ['same', 'changed']) writeFileSync(demo.disk(host, `desk/${name}.txt`), `${name} theirs`);
    window = await demo.driver.open({ folder });
    await trust(window, demo.servers.hostKeyFingerprint);
  });

  after(async () => {
    await demo.stop();
    await proxy.close();
  });

  afterEach(async function () {
    await window.keepFailure(this.currentTest);
  });

  async function type(name: string, words: string): Promise<void> {
    await window.explorer.open(name);
    await window.editor.waitFor(name);
    await window.editor.typeAtStart(words);
    await window.editor.waitUntilDirty(name);
    await eventually(() => assert.ok(demo.driver.backups().some((backup) => backup.includes(name) && backup.includes(words))));
  }

  async function openAgain(): Promise<void> {
    const next = await demo.driver.openBeside(window, { folder });
    await window.page.close();
    window = next;
  }

  async function closed(): Promise<void> {
    await window.page.goto('about:blank');
  }

  it('has them again, saves what nobody changed, and nothing over what somebody did', async () => {
    await type('same.txt', 'mine, ');
    await type('changed.txt', 'mine, ');
    await closed();
    writeFileSync(demo.disk(host, 'desk/changed.txt'), 'CHANGED THEIRS');
    await openAgain();
    // Which of them was in front VS Code knows only sometimes.
    await window.editor.tab('changed.txt').click();
    await window.editor.waitFor('changed.txt');
    for (const name of ['same.txt', 'changed.txt']) await window.editor.waitUntilDirty(name);
    assert.match(await window.editor.text(), /^mine, changed theirs/);
    await window.editor.pressSave();
    await window.notifications.waitFor(/changed\.txt was changed on far-sftp.*Nothing was written/);
    assert.equal(demo.read(host, 'desk/changed.txt'), 'CHANGED THEIRS');
    await window.editor.tab('same.txt').click();
    await window.editor.waitFor('same.txt');
    await window.editor.save('same.txt');
    assert.equal(demo.read(host, 'desk/same.txt'), 'mine, same theirs');
  });

  it('has them again where the server can not be reached, and saves when it can', async () => {
    await type('same.txt', 'once more ');
    await closed();
    proxy.retarget(await freePort());
    proxy.strike('reset');
    await openAgain();
    // VS Code's own, in a browser: "Workspace does not exist".
    await window.dialog.press('Cancel');
    await window.editor.tab('same.txt').click();
    await window.editor.waitFor('same.txt');
    await window.editor.waitUntilDirty('same.txt');
    assert.match(await window.editor.text(), /^once more mine, same theirs/);
    await window.editor.pressSave();
    await window.notifications.waitFor(/Failed to save 'same\.txt'.*far-sftp/s);
    await window.editor.waitUntilDirty('same.txt');
    proxy.retarget(port);
    const { hostKeyFingerprint, password } = demo.servers;
    await answerUntil(window, [hostKeyFingerprint], password, window.notifications.toasts.filter({ hasText: 'Failed to save' }));
    await window.notifications.press(/Failed to save/, 'Retry');
    await window.editor.waitUntilSaved('same.txt');
    assert.equal(demo.read(host, 'desk/same.txt'), 'once more mine, same theirs');
  });
});
