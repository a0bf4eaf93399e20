import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { startFaultyProxy, type FaultyProxy } from '../servers/faultyProxy.ts';
import { eventually, startDemoDriver, trust, type DemoDriver } from './demoDriver.ts';
import type { Window } from './driver.ts';

/* What a person sees when a save meets somebody else's change, a bad line, or the next save. */
describe('saving on a server', () => {
  const host = 'demo-sftp';
  const file = 'desk/timetable.txt';
  let demo: DemoDriver;
  let window: Window;
  let proxy: FaultyProxy;

  before(async function () {
    demo = await startDemoDriver(this, {
      hosts: async (servers) => {
        const { setting } = servers.hosts[host];
        proxy = await startFaultyProxy({ port: setting.port });
        return [{ ...setting, name: 'far-sftp', port: proxy.port }];
      },
    });
    mkdirSync(demo.disk(host, 'desk'));
    writeFileSync(demo.disk(host, file), 'monday 08:00\ntuesday 09:00\n');
    window = await demo.driver.open({ folder: `sftp://${host}/desk` });
  });

  after(async () => {
    await demo.stop();
    await proxy.close();
  });

  afterEach(async function () {
    await window.keepFailure(this.currentTest);
  });

  /** Behind the editor's back; neither size nor time tells. */
  function changeOutside(text: string): void {
    const { mtime } = statSync(demo.disk(host, file));
    writeFileSync(demo.disk(host, file), text);
    utimesSync(demo.disk(host, file), mtime, mtime);
  }

  it('lists a folder that the window was opened with, before Ferry ran', async () => {
    await trust(window, demo.servers.hostKeyFingerprint);
    await window.explorer.row('timetable.txt').waitFor();
  });

  it('writes nothing over a change of somebody else, and shows both versions', async () => {
    await window.explorer.open('timetable.txt');
    await window.editor.waitFor('timetable.txt');
    await window.editor.typeAtStart('sunday 11:00\n');
    changeOutside('monday 10:30\ntuesday 09:00\n');
    await window.editor.pressSave();
    await window.notifications.waitFor(/changed on demo-sftp after you opened it\. Nothing was written\./);
    assert.equal(demo.read(host, file), 'monday 10:30\ntuesday 09:00\n');
    await window.editor.waitUntilDirty('timetable.txt');
    await window.screenshot('conflict');
    await window.notifications.follow(/Nothing was written/, 'Compare');
    const sides = window.page.locator('.monaco-diff-editor .editor');
    await sides.filter({ hasText: 'monday 10:30' }).and(window.page.locator('.original')).waitFor();
    await sides.filter({ hasText: 'sunday 11:00' }).and(window.page.locator('.modified')).waitFor();
    await window.picture('conflict');
    await window.screenshot('conflict-compared');
  });

  it('saves over it when the person says so', async () => {
    await window.notifications.follow(/Nothing was written/, 'Save mine anyway');
    await eventually(() => assert.equal(demo.read(host, file), 'sunday 11:00\nmonday 08:00\ntuesday 09:00\n'));
    await window.runCommand('View: Close All Editors');
    await window.screenshot('conflict-overwritten');
  });

  it("takes the server's version when the person says so", async () => {
    await window.explorer.open('timetable.txt');
    await window.editor.waitFor('timetable.txt');
    await window.editor.typeAtStart('mine ');
    changeOutside('MONDAY 08:00\nTUESDAY 09:00\n');
    await window.editor.pressSave();
    await window.notifications.follow(/Nothing was written/, "Take the server's");
    await window.editor.waitUntilSaved('timetable.txt');
    await eventually(async () => assert.match(await window.editor.text(), /^MONDAY 08:00/));
    assert.equal(demo.read(host, file), 'MONDAY 08:00\nTUESDAY 09:00\n');
    await window.screenshot('conflict-taken');
  });

  it('lets one of two windows save, and tells the other', async () => {
    const second = await demo.driver.openBeside(window, { folder: `sftp://${host}/desk` });
    await second.dialog.box.or(second.explorer.row('timetable.txt')).first().waitFor();
    if (await second.dialog.box.isVisible()) await trust(second, demo.servers.hostKeyFingerprint);
    for (const [each, words] of [
      [window, 'first '],
      [second, 'second '],
    ] as const) {
      await each.explorer.open('timetable.txt');
      await each.editor.waitFor('timetable.txt');
      await each.editor.typeAtStart(words);
    }
    await window.editor.save('timetable.txt');
    const saved = demo.read(host, file);
    assert.match(saved, /^first MONDAY/);
    await second.editor.pressSave();
    await second.notifications.waitFor(/Nothing was written/);
    await second.editor.waitUntilDirty('timetable.txt');
    assert.equal(demo.read(host, file), saved);
    await second.screenshot('conflict-two-windows');
    await second.notifications.follow(/Nothing was written/, 'Save mine anyway');
    await second.editor.waitUntilSaved('timetable.txt');
    assert.match(demo.read(host, file), /^second MONDAY/);
    await second.page.close();
  });

  it('shows in the first window what the second one saved', async () => {
    await window.page.bringToFront();
    await window.explorer.select('timetable.txt');
    await eventually(async () => assert.match(await window.editor.text(), /^second MONDAY/));
    await window.editor.waitUntilSaved('timetable.txt');
  });

  it('ends with the newest words while VS Code saves by itself', async () => {
    await window.runCommand('File: Toggle Auto Save');
    await window.editor.replaceAll('');
    const text = 'The boat leaves at ten, and whoever is late swims; a towel is lent.';
    await window.page.keyboard.type(text, { delay: 60 });
    await eventually(() => assert.equal(demo.read(host, file), text));
    await window.editor.waitUntilSaved('timetable.txt');
    await window.runCommand('File: Toggle Auto Save');
    assert.deepEqual(readdirSync(demo.disk(host, 'desk')), ['timetable.txt']);
  });

  it('says why a save failed, keeps what was typed, and saves when the line is back', async () => {
    await window.page.close();
    writeFileSync(demo.disk(host, file), 'monday 08:00\ntuesday 09:00\n');
    window = await demo.driver.open({ folder: 'sftp://far-sftp/desk' });
    await trust(window, demo.servers.hostKeyFingerprint);
    await window.explorer.open('timetable.txt');
    await window.editor.waitFor('timetable.txt');
    await window.editor.typeAtStart('still ');
    proxy.arm({ kind: 'reset', direction: 'toClient', afterBytes: 0, times: 1000 });
    proxy.strike('reset');
    await window.editor.pressSave();
    await window.notifications.waitFor(/Failed to save 'timetable\.txt'.*far-sftp/s);
    await window.editor.waitUntilDirty('timetable.txt');
    assert.equal(demo.read(host, file), 'monday 08:00\ntuesday 09:00\n');
    await window.screenshot('save-failed');
    proxy.disarm();
    await window.notifications.press(/Failed to save/, 'Retry');
    await window.editor.waitUntilSaved('timetable.txt');
    assert.equal(demo.read(host, file), 'still monday 08:00\ntuesday 09:00\n');
  });

  for (const [line, spoil] of [
    ['slow', () => proxy.limitRate(20_000)],
    ['dead', () => proxy.arm({ kind: 'stall', direction: 'toServer', afterBytes: 100_000 })],
  ] as const) {
    it(`shows a save over a ${line} line, and ends it at once by Cancel`, async () => {
      const name = `${line}.txt`;
      const text = 'a line of the old content\n'.repeat(20_000);
      writeFileSync(demo.disk(host, `desk/${name}`), text);
      await window.runCommand('Notifications: Clear All Notifications');
      await window.explorer.refresh();
      await window.explorer.open(name);
      await window.editor.waitFor(name);
      await window.editor.typeAtStart('NEW ');
      spoil();
      await window.editor.pressSave();
      await window.notifications.waitFor(/Saving.*\.txt/);
      await window.screenshot(`save-${line}-line`);
      const pressed = await window.notifications.press(/Saving.*\.txt/, 'Cancel');
      const failed = await window.notifications.waitFor(new RegExp(`Failed to save '${name}'`));
      assert.ok(failed - pressed < 5000, 'a Cancel that hangs');
      await window.editor.waitUntilDirty(name);
      assert.equal(demo.read(host, `desk/${name}`), text);
      proxy.limitRate(undefined);
      await window.notifications.press(/Failed to save/, 'Retry');
      await window.editor.waitUntilSaved(name);
      assert.equal(demo.read(host, `desk/${name}`), `NEW ${text}`);
      const temporaries = (): string[] => readdirSync(demo.disk(host, 'desk')).filter((each) => each.startsWith('.ferry'));
      await eventually(() => assert.deepEqual(temporaries(), []), 40_000);
    });
  }
});
