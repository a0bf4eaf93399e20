import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startFaultyProxy, type FaultyProxy } from '../servers/faultyProxy.ts';
import { answerUntil, eventually, startDemoDriver, type DemoDriver } from './demoDriver.ts';
import type { Window } from './driver.ts';

/* The extension host is killed, or the window reloaded, while a save is on its way to the server. */
describe('a save that its window or extension host did not survive', () => {
  const host = 'demo-sftp';
  const lines = (word: string): string =>
    Array.from({ length: 4000 }, (_, number) => `${word} ${String(number).padStart(6, '0')}`).join('\n');
  const oldText = lines('held before');
  const newText = `NEW ${oldText}`;
  let demo: DemoDriver;
  let window: Window;
  /** Before the same server; one for each host. */
  let proxies: Record<'replaced' | 'overwritten', FaultyProxy>;

  before(async function () {
    demo = await startDemoDriver(this, {
      hosts: async (servers) => {
        const { setting } = servers.hosts[host];
        const { port } = setting;
        proxies = { replaced: await startFaultyProxy({ port }), overwritten: await startFaultyProxy({ port }) };
        return [
          { ...setting, port: proxies.replaced.port, name: 'far-replace' },
          { ...setting, port: proxies.overwritten.port, name: 'far-in-place', saveMode: 'inPlace' },
        ];
      },
    });
    for (const folder of ['replaced', 'overwritten']) {
      mkdirSync(demo.disk(host, folder));
      for (const name of ['half', 'done', 'reloaded', 'made']) writeFileSync(demo.disk(host, `${folder}/${folder} ${name}.txt`), oldText);
    }
    const workspace = join(demo.folder, 'desk.code-workspace');
    const folders = [{ uri: 'sftp://far-replace/replaced' }, { uri: 'sftp://far-in-place/overwritten' }];
    writeFileSync(workspace, JSON.stringify({ folders }));
    window = await demo.driver.open({ workspace });
    const { hostKeyFingerprint, password } = demo.servers;
    const connected = window.page.locator('.part.statusbar').getByText('Ferry: far-replace, far-in-place');
    await answerUntil(window, [hostKeyFingerprint], password, connected);
    await window.explorer.expand('replaced');
    await window.explorer.expand('overwritten');
  });

  after(async () => {
    await demo.stop();
    for (const proxy of Object.values(proxies)) await proxy.close();
  });

  afterEach(async function () {
    await window.keepFailure(this.currentTest);
  });

  async function edit(name: string): Promise<void> {
    await window.runCommand('Notifications: Clear All Notifications');
    await window.explorer.open(name);
    await window.editor.waitFor(name);
    await window.editor.typeAtStart('NEW ');
    await window.editor.waitUntilDirty(name);
  }

  /** Saves, and lets no more than so many bytes get to the server. */
  async function saveInPart(folder: keyof typeof proxies, bytes: number): Promise<void> {
    await struckAfter(folder, bytes, async () => window.editor.pressSave());
  }

  async function struckAfter(folder: keyof typeof proxies, afterBytes: number, act: () => Promise<void>): Promise<void> {
    const proxy = proxies[folder];
    const { struck } = proxy.counts;
    proxy.arm({ kind: 'stall', direction: 'toServer', afterBytes });
    await act();
    await eventually(() => assert.equal(proxy.counts.struck, struck + 1));
  }

  /** Saves up to the moment when the server's file is the new one, of which nobody gets to hear. */
  async function saveUnheard(file: string): Promise<void> {
    for (const proxy of Object.values(proxies)) proxy.latencyMs = 200;
    await window.editor.pressSave();
    await eventually(() => assert.equal(existsSync(demo.disk(host, file)) && demo.read(host, file), newText));
  }

  /** VS Code starts another one by itself, twice in five minutes; then it asks. */
  async function kill(): Promise<void> {
    const both = Object.values(proxies);
    const connections = both.map(({ counts }) => counts.connections);
    const restarted = demo.driver.killExtensionHost();
    for (const proxy of both) {
      proxy.strike('reset');
      proxy.latencyMs = 0;
    }
    await restarted;
    // Until Ferry is back, VS Code would ask for another place to save to.
    await eventually(() => both.forEach(({ counts }, index) => assert.ok(counts.connections > (connections[index] ?? 0))), 30_000);
  }

  async function reloadInSave(folder: keyof typeof proxies, name: string): Promise<void> {
    const isBackedUp = (backup: string): boolean => backup.includes(encodeURI(name)) && backup.includes('NEW');
    await eventually(() => assert.ok(demo.driver.backups().some(isBackedUp)));
    await saveInPart(folder, 50_000);
    await window.page.reload();
    await window.ready();
    proxies[folder].strike('reset');
    // VS Code may not have noted in time which editor was in front.
    await window.editor.tab(name).click();
    await window.editor.waitFor(name);
    await window.editor.waitUntilDirty(name);
  }

  function temporaries(folder: string): string[] {
    return readdirSync(demo.disk(host, folder)).filter((name) => name.startsWith('.ferry'));
  }

  async function saveAgain(file: string): Promise<void> {
    const [folder, name] = file.split('/') as [string, string];
    await window.editor.save(name);
    assert.equal(demo.read(host, file), newText);
    await eventually(() => assert.deepEqual(temporaries(folder), []));
    assert.deepEqual(
      (await window.notifications.texts()).filter((text) => text.includes('Nothing was written')),
      [],
    );
  }

  it('leaves the old file and, after the next connection, nothing else', async () => {
    const file = 'replaced/replaced half.txt';
    await edit('replaced half.txt');
    await saveInPart('replaced', 40_000);
    assert.equal(temporaries('replaced').length, 1);
    await kill();
    await window.editor.waitUntilDirty('replaced half.txt');
    assert.equal(demo.read(host, file), oldText);
    await eventually(() => assert.deepEqual(temporaries('replaced'), []), 30_000);
    assert.equal(demo.read(host, file), oldText);
    assert.equal((await window.editor.text()).slice(0, 15), newText.slice(0, 15));
    await saveAgain(file);
  });

  it('is no conflict with itself where it had replaced the file', async () => {
    await edit('replaced done.txt');
    await saveUnheard('replaced/replaced done.txt');
    await kill();
    await window.editor.waitUntilDirty('replaced done.txt');
    await saveAgain('replaced/replaced done.txt');
  });

  it('leaves the old file where the window was reloaded, and the text in the editor', async () => {
    const name = 'replaced reloaded.txt';
    await edit(name);
    await reloadInSave('replaced', name);
    await eventually(() => assert.deepEqual(temporaries('replaced'), []), 30_000);
    assert.equal(demo.read(host, `replaced/${name}`), oldText);
    await saveAgain(`replaced/${name}`);
  });

  it('makes a file that was deleted meanwhile, once it is saved again', async () => {
    const name = 'replaced made.txt';
    await edit(name);
    rmSync(demo.disk(host, `replaced/${name}`));
    await window.editor.pressSave();
    const anyway = async (): Promise<void> => window.notifications.follow(/was deleted on far-replace/, 'Save mine anyway');
    await struckAfter('replaced', 40_000, anyway);
    await kill();
    await eventually(() => assert.deepEqual(temporaries('replaced'), []), 30_000);
    assert.equal(demo.exists(host, `replaced/${name}`), false);
    await window.editor.waitUntilDirty(name);
    await window.runCommand('Notifications: Clear All Notifications');
    await window.editor.pressSave();
    await anyway();
    await window.editor.waitUntilSaved(name);
    assert.equal(demo.read(host, `replaced/${name}`), newText);
  });

  it('is undone by a click where it had begun to write over the file and the window was reloaded', async () => {
    const name = 'overwritten reloaded.txt';
    await edit(name);
    await reloadInSave('overwritten', name);
    assert.ok(![oldText, newText].includes(demo.read(host, `overwritten/${name}`)), 'the file was not harmed');
    await window.notifications.press(/overwritten reloaded\.txt on far-in-place was interrupted.*holds neither/, 'Restore');
    await window.dialog.press('Put Back What It Held');
    await eventually(() => assert.equal(demo.read(host, `overwritten/${name}`), oldText));
    await window.editor.waitUntilDirty(name);
    await saveAgain(`overwritten/${name}`);
  });

  it('is finished by a click where it had begun to write over the file', async () => {
    const file = 'overwritten/overwritten half.txt';
    await edit('overwritten half.txt');
    await saveInPart('overwritten', 60_000);
    await kill();
    await window.editor.waitUntilDirty('overwritten half.txt');
    assert.ok(![oldText, newText].includes(demo.read(host, file)), 'the file was not harmed');
    await window.notifications.waitFor(/overwritten half\.txt on far-in-place was interrupted.*holds neither/);
    await window.screenshot('crash-in-place');
    await window.notifications.press(/was interrupted/, 'Retry');
    await window.dialog.press('Write Mine');
    await eventually(() => assert.equal(demo.read(host, file), newText));
    await window.editor.waitUntilSaved('overwritten half.txt');
    await window.editor.typeAtStart('NEW ');
    await window.editor.save('overwritten half.txt');
    assert.equal(demo.read(host, file), `NEW ${newText}`);
  });

  it('is asked about no more where it had written over all of the file', async () => {
    await edit('overwritten done.txt');
    await saveUnheard('overwritten/overwritten done.txt');
    await kill();
    await window.editor.waitUntilDirty('overwritten done.txt');
    await saveAgain('overwritten/overwritten done.txt');
  });
});
