import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startFaultyProxy, type FaultyProxy } from '../servers/faultyProxy.ts';
import { answerUntil, eventually, startDemoDriver, type DemoDriver } from './demoDriver.ts';
import type { Window } from './driver.ts';

/* What runs, and how to end it. */
describe('connections and transfers', () => {
  let demo: DemoDriver;
  let window: Window;
  let proxy: FaultyProxy;

  before(async function () {
    demo = await startDemoDriver(this, {
      hosts: async (servers) => {
        const { setting } = servers.hosts['demo-sftp'];
        proxy = await startFaultyProxy({ port: setting.port });
        return [{ ...setting, name: 'slow-sftp', port: proxy.port }];
      },
    });
    mkdirSync(demo.disk('demo-sftp', 'slow'));
    mkdirSync(demo.disk('demo-ftps', 'archive'));
    writeFileSync(demo.disk('demo-ftps', 'archive/film.bin'), Buffer.alloc(12_000_000, 'reel '));
    const folders = [
      { name: 'archive', uri: 'ftps://demo-ftps/archive' },
      { name: 'slow', uri: 'sftp://slow-sftp/slow' },
    ];
    const workspace = join(demo.folder, 'films.code-workspace');
    writeFileSync(workspace, JSON.stringify({ folders }));
    window = await demo.driver.open({ workspace });
  });

  after(async () => {
    await demo.stop();
    await proxy.close();
  });

  afterEach(async function () {
    await window.keepFailure(this.currentTest);
  });

  it('shows in the status bar what is connected, and lists it', async () => {
    const { certificateFingerprint, hostKeyFingerprint, password } = demo.servers;
    const fingerprints = [certificateFingerprint, hostKeyFingerprint];
    await answerUntil(window, fingerprints, password, window.explorer.row('film.bin'));
    await answerUntil(window, fingerprints, password, status('Ferry: '));
    await status('Ferry: ').click();
    await window.quickInput.item('demo-ftps').waitFor();
    await window.quickInput.item('slow-sftp').waitFor();
    await window.screenshot('connections-list');
    await window.quickInput.cancel();
  });

  it('shows long work with its progress, and ends it by Cancel', async () => {
    // A thin line, not a long one: however quick or busy this machine is, the copy takes 40 s and the log-in before it no longer than else.
    proxy.limitRate(300_000);
    await window.explorer.copy('film.bin');
    await window.explorer.paste('slow');
    await window.notifications.waitFor(/film\.bin.* of 12\.0 MB/);
    await status(/Ferry: .* · 1/).waitFor();
    await window.screenshot('connections-progress');
    const pressed = await window.notifications.press(/film\.bin/, 'Cancel');
    await window.notifications.toasts.filter({ hasText: 'Cancel' }).waitFor({ state: 'detached' });
    proxy.limitRate(undefined);
    assert.ok(performance.now() - pressed < 10_000, 'a Cancel that hangs');
    await eventually(() => assert.deepEqual(readdirSync(demo.disk('demo-sftp', 'slow')), []));
    assert.equal(readFileSync(demo.disk('demo-ftps', 'archive/film.bin')).length, 12_000_000);
    await window.screenshot('connections-cancelled');
  });

  it('ends what hangs on a dead line by Cancel, and goes on by a new connection', async () => {
    writeFileSync(demo.disk('demo-sftp', 'slow/note.txt'), 'short\n');
    await window.explorer.expand('slow');
    // A refresh joins a listing that is under way, which may have been answered before.
    await eventually(async () => {
      await window.explorer.refresh();
      await window.explorer.row('note.txt').waitFor({ timeout: 5000 });
    });
    proxy.strike('stall');
    await window.explorer.select('note.txt');
    await window.notifications.waitFor(/note\.txt/);
    await window.screenshot('connections-stalled');
    await window.notifications.press(/note\.txt/, 'Cancel');
    assert.match(await window.dialog.text(), /Unable to open 'note\.txt'/);
    await window.dialog.press('OK');
    await window.explorer.open('note.txt');
    await window.editor.waitFor('note.txt');
    assert.match(await window.editor.text(), /^short/);
  });

  function status(text: string | RegExp): ReturnType<Window['page']['locator']> {
    return window.page.locator('.part.statusbar').getByText(text);
  }
});
