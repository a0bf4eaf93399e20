import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answerUntil, eventually, startDemoDriver, type DemoDriver } from './demoDriver.ts';
import type { Window } from './driver.ts';

/* A project on this computer that is linked to a folder on a server. */
describe('a linked folder', () => {
  let demo: DemoDriver;
  let window: Window;
  let local: string;

  before(async function () {
    demo = await startDemoDriver(this);
    local = join(demo.folder, 'project');
    mkdirSync(join(local, '.vscode'), { recursive: true });
    mkdirSync(demo.disk('demo-sftp', 'www'));
    writeFileSync(join(local, '.vscode', 'settings.json'), '{}\n');
    writeFileSync(join(local, 'page.html'), '<p>one\n\n\n\n<p>end\n');
    window = await demo.driver.open({ folder: local });
    await window.showView('Ferry');
    await window.viewRow('demo-sftp').waitFor();
    await window.showView('Explorer');
  });

  after(async () => {
    await demo.stop();
  });

  afterEach(async function () {
    await window.keepFailure(this.currentTest);
  });

  const status = (text: string | RegExp) => window.page.locator('.part.statusbar .statusbar-item', { hasText: text });
  const uploaded = () => readFileSync(demo.disk('demo-sftp', 'www/page.html'), 'utf8');

  it('is linked by choosing a host and a folder', async () => {
    const { certificateFingerprint, hostKeyFingerprint, password } = demo.servers;
    await window.runCommand('Ferry: Link This Folder to a Remote Folder…');
    await window.quickInput.pick('demo-sftp');
    await answerUntil(window, [certificateFingerprint, hostKeyFingerprint], password, window.quickInput.item('www'));
    await window.quickInput.pick('www');
    await window.quickInput.waitFor('/www');
    await window.quickInput.pick('Open this folder');
    await window.notifications.waitFor('is linked to sftp://demo-sftp');
    await status('demo-sftp').first().waitFor();
    await window.screenshot('linked-folder');
    const settings = JSON.parse(readFileSync(join(local, '.vscode', 'settings.json'), 'utf8')) as Record<string, unknown>;
    assert.deepEqual(settings, { 'ferry.mappings': [{ local: '.', remote: 'sftp://demo-sftp/www' }] });
  });

  it('says what became of a save', async () => {
    await window.explorer.open('page.html');
    await window.editor.waitFor('page.html');
    await window.editor.typeAtStart('new ');
    await window.editor.save('page.html');
    await status('page.html → demo-sftp').waitFor();
    assert.equal(uploaded(), 'new <p>one\n\n\n\n<p>end\n');
    await window.screenshot('linked-saved');
  });

  it('marks a file that was changed on the server, and merges both', async () => {
    writeFileSync(demo.disk('demo-sftp', 'www/page.html'), 'new <p>one\n\n\n\n<p>end\n<p>theirs\n');
    await window.editor.typeAtStart('mine ');
    await window.editor.save('page.html');
    await window.notifications.waitFor('is not the file that you last exchanged');
    await status('1 file not uploaded').waitFor();
    await window.screenshot('linked-conflict');
    await window.notifications.press('is not the file that you last exchanged', 'Merge');
    await window.page.getByRole('button', { name: 'Complete Merge' }).first().waitFor();
    const result = window.page.locator('.merge-editor .code-view.result');
    // The merge editor takes over one change after the other.
    await eventually(async () => assert.match(await result.locator('.view-lines').innerText(), /^mine[^]*theirs/));
    await result.getByText('0 Conflicts Remaining').waitFor();
    await window.screenshot('linked-merge');
    await window.runCommand('Ferry: Complete Merge');
    await eventually(() => assert.equal(uploaded(), 'mine new <p>one\n\n\n\n<p>end\n<p>theirs\n'));
    assert.equal(readFileSync(join(local, 'page.html'), 'utf8'), uploaded());
    await status('1 file not uploaded').waitFor({ state: 'detached' });
  });

  it('shows what a sync would do, and does what is ticked', async () => {
    writeFileSync(join(local, 'mine.html'), 'mine\n');
    writeFileSync(demo.disk('demo-sftp', 'www/theirs.html'), 'theirs\n');
    await window.runCommand('Ferry: Sync Both Ways…');
    await window.viewRow('mine.html').waitFor();
    await window.viewRow('theirs.html').waitFor();
    await window.screenshot('sync-plan');
    assert.equal(demo.exists('demo-sftp', 'www/mine.html'), false);
    await window.runCommand('Ferry: Apply What Is Ticked');
    await eventually(() => assert.equal(demo.read('demo-sftp', 'www/mine.html'), 'mine\n'));
    await eventually(() => assert.equal(readFileSync(join(local, 'theirs.html'), 'utf8'), 'theirs\n'));
    await window.screenshot('sync-done');
  });

  const sizes = { 'banner.png': 8000, 'intro.mp4': 9_000_000, 'logo.svg': 3000, 'teaser.mp4': 7_000_000, 'trailer.mp4': 6_000_000 };
  const group = () => window.viewRow('Uploading media');

  async function limitTo(kilobytes: string): Promise<void> {
    await window.runCommand('Ferry: Limit Bandwidth…');
    await window.quickInput.waitFor('KB a second');
    await window.quickInput.fill(kilobytes);
    await window.quickInput.accept();
    await window.quickInput.gone();
  }

  async function showTransfers(): Promise<void> {
    await window.showView('Ferry');
    const view = window.page.locator('.part.sidebar .pane-header[aria-label^="Transfers"]');
    if ((await view.getAttribute('aria-expanded')) === 'false') await view.click();
    await group().waitFor();
  }

  it('shows what is transferred', async () => {
    mkdirSync(join(local, 'media'));
    for (const [name, size] of Object.entries(sizes)) writeFileSync(join(local, 'media', name), Buffer.alloc(size, name));
    await window.runCommand('Notifications: Clear All Notifications');
    // The small ones go at once, and the rest takes most of an hour.
    await limitTo('10');
    await window.showView('Explorer');
    await window.contextMenu.choose(window.explorer.row('media'), 'Upload to Server');
    await showTransfers();
    await group().click();
    await window.viewRow('trailer.mp4').waitFor();
    await group().filter({ hasText: '2 of 5 files' }).waitFor();
    await window.screenshot('transfers-running');
    await window.picture('transfers');
  });

  it('offers after a reload what was not transferred, and goes on with it', async () => {
    // A browser gives a window that goes no time to write anything down.
    await eventually(async () => assert.match(await window.stored(), /transfers\.queue.*teaser\.mp4/s));
    await window.navigated(() => window.runCommand('Developer: Reload Window'));
    await window.notifications.waitFor('3 files were not transferred yet');
    await window.notifications.press('3 files were not transferred yet', 'Resume');
    const { certificateFingerprint, hostKeyFingerprint, password } = demo.servers;
    const connected = window.page.locator('.part.statusbar').getByText('Ferry: demo-sftp');
    await answerUntil(window, [certificateFingerprint, hostKeyFingerprint], password, connected);
    await showTransfers();
    assert.equal(demo.exists('demo-sftp', 'www/media/teaser.mp4'), false);
    await limitTo('0');
    await group().filter({ hasText: '3 of 3 files' }).waitFor();
    for (const name of Object.keys(sizes))
      assert.ok(readFileSync(demo.disk('demo-sftp', `www/media/${name}`)).equals(readFileSync(join(local, 'media', name))));
  });
});
