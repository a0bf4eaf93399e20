import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeFolder, temporaryFolder } from '../servers/folder.ts';
import { baitName, shownBaitName as name } from '../support/bait.ts';
import { startBaitServers, type BaitServers } from '../support/baitServers.ts';
import { installCanary, type Canary } from '../host/installCanary.ts';
import { answerUntil, eventually, startDemoDriver, type DemoDriver } from './demoDriver.ts';
import type { Window } from './driver.ts';
import { sweep, tooltipOf } from './sweep.ts';

/* Servers that put links to a command, icons and escapes into every text that they can choose: wherever it is shown, no click runs it. */
describe('text of hostile servers', () => {
  let demo: DemoDriver;
  let bait: BaitServers;
  let canary: Canary;
  let window: Window;
  /** Last, as its clicks may have an effect after it. */
  const proof = 'are known to be harmless because the canary does run where text is shown as it is';
  const folder = temporaryFolder('bait');

  before(async function () {
    bait = await startBaitServers(folder);
    const install = async (extensions: string): Promise<void> => void (canary = await installCanary(extensions));
    demo = await startDemoDriver(this, { hosts: () => bait.hosts, install });
    mkdirSync(demo.disk('demo-sftp', 'desk'));
    for (const one of [baitName, name]) writeFileSync(demo.disk('demo-sftp', `desk/${one}`), 'one\n');
    const workspace = join(demo.folder, 'bait.code-workspace');
    const folders = [
      { name: 'desk', uri: 'sftp://demo-sftp/desk' },
      { name: 'talking', uri: 'ftp://talking-ftp/' },
      { name: 'refusing', uri: 'ftp://refusing-ftp/' },
    ];
    writeFileSync(workspace, JSON.stringify({ folders }));
    window = await demo.driver.open({ workspace });
    await answerUntil(window, [demo.servers.hostKeyFingerprint], demo.servers.password, window.explorer.row(name));
  });

  after(async () => {
    await demo.stop();
    await bait.stop();
    removeFolder(folder);
  });

  afterEach(async function () {
    await window.keepFailure(this.currentTest);
    if (this.currentTest?.title === proof) return;
    await window.page.keyboard.press('Escape');
    await window.runCommand('Notifications: Clear All Notifications');
    assert.equal(await canary.runs(), 0, 'how often the canary ran');
  });

  const toasts = () => window.notifications.toasts;

  async function connect(host: string): Promise<void> {
    await window.showView('Ferry');
    await window.viewRow(host).hover();
    await window.viewRow(host).locator('.action-label[aria-label^="Connect"]').click();
  }

  it('names in the Explorer and their tooltips are names', async () => {
    await window.explorer.expand('talking');
    await window.explorer.row('plain.txt').waitFor();
    assert.deepEqual(
      (await window.explorer.names()).filter((one) => one.includes('](')),
      [],
    );
    await sweep(toasts().filter({ hasText: 'not shown' }));
    const names = window.page.locator('.explorer-folders-view');
    await sweep(names, { raw: true, click: false });
    await sweep(await tooltipOf(window, window.explorer.row(`link ${name}`), 'link ['), { raw: true });
    await window.screenshot('canary-explorer');
  });

  it('what a server answers to opening, deleting and making is a sentence', async () => {
    await window.explorer.select('plain.txt');
    await sweep(window.page.locator('.part.editor, .monaco-dialog-box'));
    await window.screenshot('canary-open');
    await window.page.keyboard.press('Escape');
    await window.explorer.create('Folder', 'another');
    await sweep(toasts().or(window.dialog.box));
    await window.screenshot('canary-mkdir');
  });

  it('the list of connections, the status bar and the view of hosts say it as it is meant', async () => {
    const status = window.page.locator('.part.statusbar').getByText(/Ferry: /);
    await sweep(await tooltipOf(window, status, 'refused'));
    await window.screenshot('canary-status');
    await sweep(await tooltipOf(window, window.explorer.row('refusing'), 'refused'));
    await window.screenshot('canary-refused-root');
    await status.click();
    await sweep(window.quickInput.widget, { click: false });
    await window.screenshot('canary-connections');
    await window.quickInput.cancel();
    await window.showView('Ferry');
    await sweep(await tooltipOf(window, window.viewRow('refusing-ftp'), 'click me'));
    await window.screenshot('canary-tree');
  });

  it('a refused log-in, and a certificate', async () => {
    await connect('refusing-ftp');
    await sweep(toasts().filter({ hasText: 'refused the user' }));
    await window.screenshot('canary-refused');
    await connect('secured-ftps');
    await sweep(window.dialog.box);
    await window.screenshot('canary-certificate');
    await window.dialog.press('Trust and Connect');
    for (let attempt = 1; attempt <= 3; attempt++) {
      await window.quickInput.waitFor(attempt === 1 ? 'Password for' : 'did not accept');
      await window.quickInput.fill(`wrong ${attempt}`);
      await window.quickInput.accept();
      if (attempt < 3) await eventually(async () => assert.equal(await window.quickInput.value(), ''));
    }
    await sweep(toasts().filter({ hasText: 'refused the log-in' }));
  });

  it('questions of the server, its banner and its farewell', async () => {
    await connect('asking-sftp');
    await sweep(window.dialog.box);
    await window.dialog.press('Trust and Connect');
    await window.quickInput.waitFor('Code:');
    await sweep(window.quickInput.widget);
    await window.screenshot('canary-questions');
    await window.quickInput.fill('1');
    await window.quickInput.accept();
    await window.quickInput.waitFor('Colour:');
    await sweep(window.quickInput.widget);
    await window.quickInput.fill('2');
    await window.quickInput.accept();
    await sweep(toasts().filter({ hasText: 'click me' }));
    await window.screenshot('canary-farewell');
  });

  it('folders to choose from, and why they can not be listed', async () => {
    await window.runCommand('Ferry: Open Remote Folder…');
    await window.quickInput.pick('talking-ftp');
    await window.quickInput.waitFor('folder [click');
    await sweep(window.quickInput.widget, { click: false });
    await window.screenshot('canary-folders');
    await window.quickInput.cancel();
    await window.runCommand('Ferry: Open Remote Folder…');
    await window.quickInput.pick('failing-sftp');
    await window.dialog.press('Trust and Connect');
    await window.quickInput.waitFor('can not be listed');
    await sweep(window.quickInput.widget, { click: false });
    await window.screenshot('canary-failing');
    await window.quickInput.cancel();
  });

  it('conflicts, comparisons and earlier versions', async () => {
    await window.showView('Explorer');
    await window.explorer.row(name).first().dblclick();
    await window.editor.waitFor(name);
    await window.editor.typeAtStart('mine ');
    writeFileSync(demo.disk('demo-sftp', `desk/${name}`), 'of somebody else\n');
    await window.editor.pressSave();
    const conflict = toasts().filter({ hasText: 'Nothing was written' });
    await sweep(conflict, { raw: true });
    await window.screenshot('canary-conflict');
    await window.notifications.follow('Nothing was written', 'Compare');
    await window.page.locator('.part.editor .tab').filter({ hasText: '↔' }).waitFor();
    await sweep(window.page.locator('.part.editor .tabs-container'), { raw: true, click: false });
    await sweep(await tooltipOf(window, window.page.locator('.part.editor .tab').filter({ hasText: '↔' }), 'click me'), { raw: true });
    await window.screenshot('canary-compare');
    await window.notifications.follow('Nothing was written', 'Save mine anyway');
    await window.editor.waitUntilSaved(name);
    await window.contextMenu.choose(window.explorer.row(name).first(), 'Restore…');
    await sweep(window.quickInput.widget, { click: false });
    await window.screenshot('canary-restore');
    await window.quickInput.cancel();
  });

  it('the log', async () => {
    await window.runCommand('Developer: Set Log Level...');
    await window.quickInput.pick('Ferry');
    await window.quickInput.pick('Trace');
    await connect('refusing-ftp');
    await toasts().filter({ hasText: 'refused the user' }).waitFor();
    await window.runCommand('Ferry: Show Log');
    const panel = window.page.locator('.part.panel');
    await panel.locator('.view-line').filter({ hasText: 'canary' }).first().waitFor();
    await sweep(panel.locator('.view-lines'), { raw: true, click: false, allowed: /^[^:]*$/ });
    await window.screenshot('canary-log');
  });

  it(proof, async () => {
    await window.runCommand('Canary: Show a Link');
    await toasts().filter({ hasText: 'raw:' }).waitFor();
    await assert.rejects(sweep(toasts()), /canary\.run/);
    await eventually(async () => assert.ok((await canary.runs()) > 0));
  });
});
