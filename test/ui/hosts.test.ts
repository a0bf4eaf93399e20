import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { demoUser, startDemoServers, type DemoServers } from '../demo/servers.ts';
import { removeFolder, temporaryFolder } from '../servers/folder.ts';
import { requireServer } from '../servers/server.ts';
import { startDriver, type Driver, type Window } from './driver.ts';
import { doUntilSeen } from './patience.ts';

/** Long enough for a step that nothing is in the way of. */
const soon = { timeout: 10_000 };

/* The view of hosts, the wizard and the folder picker, as a person uses them. */
describe('hosts', () => {
  let driver: Driver;
  let window: Window;
  let servers: DemoServers;
  let folder: string;

  before(async function () {
    folder = temporaryFolder('hosts');
    servers = await startDemoServers(folder);
    driver = await requireServer(this, () => startDriver());
    window = await driver.open({});
    await window.showView('Ferry');
  });

  after(async () => {
    await driver.stop();
    await servers.stop();
    removeFolder(folder);
  });

  afterEach(async function () {
    await window.keepFailure(this.currentTest);
  });

  it('welcomes a person without hosts', async () => {
    await window.page.locator('.welcome-view-content').getByText('Add Host…').waitFor();
    await window.screenshot('hosts-welcome');
  });

  it('adds a host by the wizard: a mistake is told, a pasted address fills in the rest, the connection is tried', async () => {
    const { port } = servers.hosts['demo-sftp'].setting;
    await window.page.locator('.welcome-view-content').getByText('Add Host…').click();
    const { quickInput, dialog } = window;
    await quickInput.waitFor('Add Host (1/7)');
    await window.screenshot('hosts-wizard-protocol');
    await quickInput.pick('SFTP');
    await quickInput.waitFor('Address of the server');
    await quickInput.fill('-bad address');
    await quickInput.waitFor('no server name');
    await window.screenshot('hosts-wizard-address');
    await quickInput.fill(`sftp://${demoUser}@127.0.0.1:${port}`);
    await window.picture('add-host');
    await quickInput.accept();
    await quickInput.waitFor('Port.');
    await quickInput.accept();
    await quickInput.waitFor('User name.');
    await quickInput.press('Back');
    await quickInput.waitFor('Port.');
    await quickInput.accept();
    await quickInput.waitFor('User name.');
    await quickInput.accept();
    await quickInput.pick('Password');
    await quickInput.waitFor('Folder to open');
    await quickInput.accept();
    await quickInput.waitFor('Name of the host');
    await quickInput.fill('mine');
    await quickInput.accept();
    assert.match(await dialog.text(), /127\.0\.0\.1/);
    assert.ok((await dialog.text()).includes(servers.hostKeyFingerprint));
    await window.screenshot('hosts-trust');
    await dialog.press('Trust and Connect');
    await quickInput.waitFor('Password for');
    await quickInput.fill('wrong');
    await quickInput.accept();
    await quickInput.waitFor('did not accept');
    await window.screenshot('hosts-password-refused');
    await quickInput.fill(servers.password);
    await quickInput.press('Save in this computer');
    await quickInput.waitFor('It is saved');
    await window.screenshot('hosts-password');
    await quickInput.accept();
    await window.viewRow('mine').waitFor();
    await window.page.locator('.part.statusbar [id="status.notifications"]').click();
    await noticed(window, 'mine was added').waitFor();
    await window.screenshot('hosts-added');
  });

  it('opens its folder', async () => {
    const added = noticed(window, 'mine was added');
    await window.navigated(async () => {
      // A button that is drawn anew between the press and the release takes no click.
      while (await added.isVisible()) {
        await added
          .getByText('Open Folder')
          .click(soon)
          .catch(() => {});
        await added.waitFor({ state: 'hidden', ...soon }).catch(() => {});
      }
    });
    // The keychain of VS Code in a browser lives as long as the page.
    await window.quickInput.waitFor('Password for');
    await window.quickInput.fill(servers.password);
    await window.quickInput.press('Save in this computer');
    await window.quickInput.waitFor('It is saved');
    await window.quickInput.accept();
    await window.explorer.row('index.html').waitFor();
    await window.screenshot('hosts-opened');
  });

  it('duplicates, reorders by dragging, and removes', async () => {
    await window.showView('Ferry');
    const row = window.viewRow('mine');
    await choose(window, row, 'Duplicate Host');
    await window.viewRow('mine-2').waitFor();
    const order = () => window.page.locator('.part.sidebar .monaco-list-row .label-name').allInnerTexts();
    assert.deepEqual(await order(), ['mine', 'mine-2']);
    const first = window.page.locator('.part.sidebar .monaco-list-row[data-index="0"]', { hasText: 'mine-2' });
    await doUntilSeen(first, () => window.viewRow('mine-2').dragTo(row, soon));
    assert.deepEqual(await order(), ['mine-2', 'mine']);
    await row.click({ button: 'right' });
    await window.screenshot('hosts-menu');
    await window.page.keyboard.press('Escape');
    await choose(window, window.viewRow('mine-2'), 'Remove Host…');
    await window.dialog.press('Remove');
    await window.viewRow('mine-2').waitFor({ state: 'detached' });
  });

  it('walks the server in a quick pick', async () => {
    const { quickInput } = window;
    await window.runCommand('Ferry: Open Remote Folder…');
    await quickInput.pick('mine');
    await quickInput.item('Open this folder').waitFor();
    await quickInput.item('css').waitFor();
    await window.screenshot('hosts-folders');
    await quickInput.item('css').click();
    await quickInput.waitFor('/css');
    await quickInput.item('..').waitFor();
    await quickInput.fill('/nowhere');
    await quickInput.accept();
    await quickInput.waitFor('can not be listed');
    await window.screenshot('hosts-folder-missing');
    await quickInput.press('Back');
    await quickInput.item('Enter an Address…').waitFor();
    await quickInput.cancel();
  });

  it('disconnects and connects by the buttons of a row, with the password from the keychain', async () => {
    await window.showView('Ferry');
    const row = window.viewRow('mine');
    await row.hover();
    await row.locator('.action-label[aria-label^="Disconnect"]').click();
    await row.hover();
    await row.locator('.action-label[aria-label^="Connect"]').waitFor();
    await window.screenshot('hosts-disconnected');
    await row.locator('.action-label[aria-label^="Connect"]').click();
    await row.locator('.action-label[aria-label^="Disconnect"]').waitFor();
  });

  it('have bookmarks, which are offered with the recent folders', async () => {
    const { quickInput } = window;
    await choose(window, window.viewRow('mine'), 'Add Bookmark…');
    await quickInput.waitFor('Folder on mine');
    await quickInput.fill('/css');
    await quickInput.accept();
    await quickInput.waitFor('Name of the bookmark');
    await quickInput.fill('$(rocket) Styles');
    await quickInput.accept();
    await quickInput.gone();
    const twistie = window.viewRow('mine').locator('.monaco-tl-twistie');
    const marked = window.page.locator('.part.sidebar .monaco-list-row', { hasText: 'rocket) Styles' });
    await window.expandRow(window.viewRow('mine'));
    await window.expandRow(marked);
    await window.viewRow('style.css').first().waitFor();
    await window.screenshot('hosts-bookmark-row');
    await twistie.click();
    await marked.waitFor({ state: 'detached' });
    await window.runCommand('Ferry: Open Remote Folder…');
    const bookmark = quickInput.widget.locator('.monaco-list-row', { hasText: 'rocket) Styles' });
    await bookmark.waitFor();
    await quickInput.item('/').waitFor();
    await window.screenshot('hosts-bookmarks');
    await bookmark.click();
    await quickInput.waitFor('/css');
    await quickInput.press('Back');
    await bookmark.hover();
    await bookmark.locator('.action-label[aria-label^="Remove from"]').click();
    await bookmark.waitFor({ state: 'detached' });
    await quickInput.pick('Clear Recent');
    await quickInput.item('/').waitFor({ state: 'detached' });
    await quickInput.cancel();
  });

  it('are put into groups by menu and by dragging', async () => {
    const { quickInput } = window;
    const row = (name: string) => window.page.locator(`.part.sidebar .monaco-list-row[aria-level="3"][aria-label^="${name},"]`);
    await choose(window, window.viewRow('mine'), 'Duplicate Host');
    await window.viewRow('mine-2').waitFor();
    await choose(window, window.viewRow('mine'), 'Move to Group…');
    await quickInput.pick('New Group…');
    await quickInput.waitFor('Name of the group');
    await quickInput.fill('Customers/$(rocket) Example');
    await quickInput.accept();
    await row('mine').waitFor();
    // What is dragged while the list is drawn anew is nothing.
    const group = window.page.locator('.part.sidebar .monaco-list-row[aria-label^="Group $"]');
    await doUntilSeen(row('mine-2'), () => window.viewRow('mine-2').dragTo(group, soon));
    await window.screenshot('hosts-groups');
    await choose(window, row('mine-2'), 'Remove Host…');
    await window.dialog.press('Remove');
    await row('mine-2').waitFor({ state: 'detached' });
  });

  it('is asked once before a protected host is changed, and sees which one that is', async () => {
    const { quickInput, dialog } = window;
    await choose(window, window.viewRow('mine'), 'Colour, Icon and Protection…');
    await quickInput.pick('Protection');
    await quickInput.pick('Ask before Changes');
    await quickInput.item('Colour').waitFor();
    await quickInput.pick('Colour');
    await quickInput.pick('red');
    await quickInput.item('Protection').waitFor();
    await quickInput.cancel();
    await window.showView('Explorer');
    await window.explorer.row('index.html').dblclick();
    await window.editor.waitFor('index.html');
    const status = window.page.locator('.part.statusbar');
    await status.getByText('mine: protected').waitFor();
    await window.editor.typeAtStart('typed ');
    await window.editor.pressSave();
    assert.match(await dialog.text(), /mine is protected\. Save to it\?/);
    await window.screenshot('hosts-protected');
    await dialog.press('Cancel');
    // A save that is asked for before that one is over is none of its own.
    await window.notifications.waitFor(/Failed to save 'index\.html'/);
    await window.editor.waitUntilDirty('index.html');
    await window.editor.pressSave();
    await dialog.press("Save, and Don't Ask Again in This Window");
    await window.editor.waitUntilSaved('index.html');
    await status.getByText('mine: changes allowed').waitFor();
    await window.screenshot('hosts-changes-allowed');
    await window.showView('Ferry');
  });

  it('a refused host shows why, and what was wrong can be edited', async () => {
    const { quickInput, dialog } = window;
    await choose(window, window.viewRow('mine'), 'Edit Host…');
    for (const step of ['(1/7)', '(2/7)']) {
      await quickInput.waitFor(step);
      await quickInput.accept();
    }
    await quickInput.waitFor('(3/7)');
    await quickInput.fill('1');
    for (const step of ['(3/7)', '(4/7)', '(5/7)', '(6/7)', '(7/7)']) {
      await quickInput.waitFor(step);
      await quickInput.accept();
    }
    assert.match(await dialog.text(), /does not work yet/);
    await window.screenshot('hosts-refused');
    await dialog.press('Save Anyway');
    await window.viewRow('mine').filter({ hasText: '127.0.0.1:1' }).waitFor();
    await window.viewRow('mine').hover();
    await window.screenshot('hosts-error');
  });
});

describe('hosts of FTP servers', () => {
  let driver: Driver;
  let window: Window;
  let servers: DemoServers;
  let folder: string;

  before(async function () {
    folder = temporaryFolder('ftp-hosts');
    servers = await startDemoServers(folder);
    const settings = { 'ferry.hosts': [servers.hosts['demo-ftps'].setting, servers.hosts['demo-ftp'].setting, { name: 'broken' }] };
    driver = await requireServer(this, () => startDriver({ settings }));
    window = await driver.open({});
    await window.showView('Ferry');
  });

  after(async () => {
    await driver.stop();
    await servers.stop();
    removeFolder(folder);
  });

  afterEach(async function () {
    await window.keepFailure(this.currentTest);
  });

  it('shows the certificate of FTPS before any password leaves', async () => {
    await window.page.getByText('In the setting “ferry.hosts”').waitFor();
    await choose(window, window.viewRow('demo-ftps'), 'Connect');
    const text = await window.dialog.text();
    assert.ok(text.includes(servers.certificateFingerprint), text);
    await window.screenshot('hosts-certificate');
    await window.dialog.press('Trust and Connect');
    await window.quickInput.waitFor('Password for');
    await window.quickInput.fill(servers.password);
    await window.quickInput.accept();
    await connected(window, 'demo-ftps');
  });

  it('warns of plain FTP, and lists connections to end them', async () => {
    await choose(window, window.viewRow('demo-ftp'), 'Connect');
    await window.quickInput.waitFor('Password for');
    await window.quickInput.fill(servers.password);
    await window.quickInput.accept();
    await connected(window, 'demo-ftp');
    await window.page.locator('.part.statusbar [id="status.notifications"]').click();
    await noticed(window, 'can be read on the way').waitFor();
    await window.page
      .locator('.part.statusbar')
      .getByText(/Ferry: .*demo-ftp\b/)
      .click();
    await window.quickInput.item('demo-ftp').waitFor();
    await window.screenshot('hosts-running');
    await window.quickInput.item('demo-ftp').click();
    await window.page.locator('.part.statusbar').getByText('Ferry: demo-ftps', { exact: true }).waitFor();
  });
});

async function connected(window: Window, name: string): Promise<void> {
  await window.page.locator(`.part.sidebar .monaco-list-row[aria-label^="${name},"][aria-label*="Connected"]`).waitFor();
}

/** A notification. The test driver of VS Code shows none by itself: they are in the list behind the bell. */
function noticed(window: Window, text: string): Locator {
  return window.page.locator('.notifications-center .notification-list-item', { hasText: text });
}

/** From the menu of the right mouse button, by keyboard: VS Code takes no click in the first moment of a menu. */
async function choose(window: Window, row: Locator, item: string): Promise<void> {
  await row.click({ button: 'right' });
  const entry = window.page.locator('.monaco-menu .action-item').filter({ has: window.page.getByText(item, { exact: true }) });
  await entry.hover();
  await entry.and(window.page.locator('.focused')).waitFor();
  await window.page.keyboard.press('Enter');
}
