import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { startFaultyProxy, type FaultyProxy } from '../servers/faultyProxy.ts';
import { eventually, startDemoDriver, trust, type DemoDriver } from './demoDriver.ts';
import type { Window } from './driver.ts';

/* What a person sees when the line breaks in the middle of a save that writes over the file, and does not come back for a while. */
describe('a save in place that the line did not survive', () => {
  const host = 'demo-sftp';
  const file = 'desk/log.txt';
  const oldText = Array.from({ length: 4000 }, (_, number) => `held before ${String(number).padStart(6, '0')}`).join('\n');
  const newText = `TO BE SAVED ${oldText}`;
  let demo: DemoDriver;
  let window: Window;
  let proxy: FaultyProxy;

  before(async function () {
    demo = await startDemoDriver(this, {
      hosts: async (servers) => {
        const { setting } = servers.hosts[host];
        proxy = await startFaultyProxy({ port: setting.port });
        return [{ ...setting, name: 'far-sftp', port: proxy.port, saveMode: 'inPlace' }];
      },
    });
    mkdirSync(demo.disk(host, 'desk'));
    writeFileSync(demo.disk(host, file), oldText);
    window = await demo.driver.open({ folder: 'sftp://far-sftp/desk' });
    await trust(window, demo.servers.hostKeyFingerprint);
    await window.explorer.open('log.txt');
    await window.editor.waitFor('log.txt');
  });

  after(async () => {
    await demo.stop();
    await proxy.close();
  });

  afterEach(async function () {
    await window.keepFailure(this.currentTest);
  });

  const text = () => demo.read(host, file);

  /** Leaves the file with a part of each content; the line is good again then. */
  async function failToSave(): Promise<void> {
    await window.runCommand('Notifications: Clear All Notifications');
    proxy.arm({ kind: 'reset', direction: 'toServer', afterBytes: 45_000, times: 1000 });
    await window.editor.pressSave();
    await window.notifications.waitFor(/Failed to save 'log\.txt'.*log\.txt @ far-sftp.*A copy of your text.*Restore/s);
    proxy.disarm();
    assert.ok(text() !== oldText && text() !== newText, 'the file was not harmed');
    await window.editor.waitUntilDirty('log.txt');
  }

  it('is told once, with both contents at hand', async () => {
    await window.editor.typeAtStart('TO BE SAVED ');
    await failToSave();
    await window.screenshot('save-trouble');
    await window.notifications.follow(/Failed to save/, 'Save a Copy…');
    await window.quickInput.pick('On a Server…');
    await window.quickInput.waitFor('Save Here');
    await window.quickInput.widget.getByText('Save Here', { exact: true }).click();
    await eventually(() => assert.equal(demo.read(host, 'desk/log (before).txt'), oldText));
    await eventually(() => assert.equal(demo.read(host, 'desk/log (to be saved).txt'), newText));
  });

  it('Restore puts back what the file held, after saying what it holds now', async () => {
    await window.notifications.follow(/Failed to save/, 'Restore');
    assert.match(await window.dialog.text(), /log\.txt on far-sftp holds neither/);
    await window.screenshot('save-trouble-restore');
    await window.dialog.press('Put Back What It Held');
    await eventually(() => assert.equal(text(), oldText));
    await window.editor.waitUntilDirty('log.txt');
  });

  it('Retry saves what is in the editor', async () => {
    await failToSave();
    await window.notifications.follow(/Failed to save/, 'Retry');
    await window.dialog.press('Write Mine');
    await window.editor.waitUntilSaved('log.txt');
    assert.equal(text(), newText);
    assert.deepEqual(readdirSync(demo.disk(host, 'desk')).toSorted(), ['log (before).txt', 'log (to be saved).txt', 'log.txt']);
  });

  it('is offered again in the next window', async () => {
    await window.editor.typeAtStart('more of it ');
    await failToSave();
    const harmed = text();
    await window.page.reload();
    await window.ready();
    await window.notifications.waitFor(/Saving .*log\.txt on far-sftp was interrupted.*holds neither/);
    await window.screenshot('save-trouble-next-window');
    await window.editor.waitUntilDirty('log.txt');
    assert.equal(text(), harmed);
    await window.notifications.press(/was interrupted/, 'Restore');
    await window.dialog.press('Put Back What It Held');
    await eventually(() => assert.equal(text(), newText));
    await window.editor.waitUntilDirty('log.txt');
    await window.editor.save('log.txt');
    assert.equal(text(), `more of it ${newText}`);
  });
});
