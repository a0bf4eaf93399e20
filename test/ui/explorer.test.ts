import assert from 'node:assert/strict';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { startDemoDriver, trust, type DemoDriver } from './demoDriver.ts';
import type { Window } from './driver.ts';

/* One SFTP folder, as a person works in it; after each step the server's disk is looked at. */
describe('a folder on a server', () => {
  const host = 'demo-sftp';
  let demo: DemoDriver;
  let window: Window;

  before(async function () {
    demo = await startDemoDriver(this);
    window = await demo.driver.open({});
  });

  after(() => demo.stop());

  afterEach(async function () {
    await window.keepFailure(this.currentTest);
  });

  it('opens from the view of hosts, once its server is trusted', async () => {
    await window.showView('Ferry');
    const row = window.viewRow(host);
    await row.hover();
    await window.navigated(() => row.locator('.action-label[aria-label^="Open Folder"]').click());
    await trust(window, demo.servers.hostKeyFingerprint);
    await window.explorer.row('index.html').waitFor();
    assert.deepEqual(await window.explorer.names(), ['articles', 'css', 'images', 'js', 'latest', '.htaccess', 'index.html', 'README.md']);
    await window.screenshot('explorer-opened');
  });

  it('unfolds a tree, and shows names of any letters', async () => {
    for (const name of ['articles', '2026', 'spring', 'drafts']) await window.explorer.expand(name);
    await window.explorer.row('prices.md').waitFor();
    await window.explorer.row('café.md').waitFor();
    await window.screenshot('explorer-tree');
  });

  it('edits a file and saves it by keyboard', async () => {
    const before = demo.read(host, 'index.html');
    await window.explorer.open('index.html');
    await window.editor.waitFor('index.html');
    await window.editor.typeAtStart('<!-- Summer timetable -->');
    await window.editor.save('index.html');
    assert.equal(demo.read(host, 'index.html'), `<!-- Summer timetable -->${before}`);
    await window.page.keyboard.press('Escape');
    await window.picture('explorer');
    await window.explorer.collapse('articles');
    await window.screenshot('explorer-saved');
  });

  it('makes a file, which opens, and a folder with a file in it', async () => {
    await window.explorer.select('README.md');
    await window.explorer.create('File', 'new file.txt');
    await window.editor.waitForTab('new file.txt');
    await window.editor.replaceAll('first words\n');
    await window.editor.save('new file.txt');
    assert.equal(demo.read(host, 'new file.txt'), 'first words\n');
    await window.explorer.create('Folder', 'box');
    await window.explorer.select('box');
    await window.explorer.create('File', 'inside.txt');
    await window.explorer.row('inside.txt', 2).waitFor();
    assert.deepEqual(readdirSync(demo.disk(host, 'box')), ['inside.txt']);
    await window.screenshot('explorer-made');
  });

  it('renames a file, whose editor goes along, and a folder', async () => {
    await window.explorer.rename('new file.txt', 'renamed.txt');
    await window.explorer.row('renamed.txt').waitFor();
    assert.equal(demo.read(host, 'renamed.txt'), 'first words\n');
    assert.equal(demo.exists(host, 'new file.txt'), false);
    await window.editor.tab('renamed.txt').waitFor();
    await window.editor.typeAtStart('the ');
    await window.editor.save('renamed.txt');
    assert.equal(demo.read(host, 'renamed.txt'), 'the first words\n');
    await window.explorer.rename('box', 'crate');
    await window.explorer.row('crate').waitFor();
    assert.deepEqual(readdirSync(demo.disk(host, 'crate')), ['inside.txt']);
    assert.equal(demo.exists(host, 'box'), false);
    await window.screenshot('explorer-renamed');
  });

  it('drags a file into a folder', async () => {
    await window.explorer.drag('renamed.txt', 'crate');
    await window.dialog.press('Move');
    await window.explorer.row('renamed.txt', 2).waitFor();
    assert.equal(demo.read(host, 'crate/renamed.txt'), 'the first words\n');
    assert.equal(demo.exists(host, 'renamed.txt'), false);
    await window.screenshot('explorer-dragged-file');
  });

  it('drags a folder into a folder', async () => {
    await window.explorer.drag('crate', 'js');
    await window.dialog.press('Move');
    await window.explorer.row('crate', 2).waitFor();
    assert.deepEqual(readdirSync(demo.disk(host, 'js/crate')).sort(), ['inside.txt', 'renamed.txt']);
    assert.equal(demo.exists(host, 'crate'), false);
    await window.screenshot('explorer-dragged-folder');
  });

  it('copies and pastes a file and a folder by keyboard', async () => {
    await window.explorer.copy('README.md');
    await window.explorer.paste('css');
    await window.explorer.row('README.md', 2).waitFor();
    assert.equal(demo.read(host, 'css/README.md'), demo.read(host, 'README.md'));
    await window.explorer.copy('css');
    await window.explorer.paste('images');
    await window.explorer.row('css', 2).waitFor();
    assert.deepEqual(readdirSync(demo.disk(host, 'images/css')).sort(), ['README.md', 'style.css']);
    assert.equal(demo.read(host, 'images/css/style.css'), demo.read(host, 'css/style.css'));
    await window.screenshot('explorer-pasted');
  });

  it('opens an image', async () => {
    await window.explorer.expand('images');
    await window.explorer.open('harbour.png');
    await window.editor.tab('harbour.png').waitFor();
    await window.page.locator('.part.statusbar').getByText('320x160').waitFor();
    await window.screenshot('explorer-image');
  });

  it('follows a link to a folder, and deletes only the link', async () => {
    assert.ok(lstatSync(demo.disk(host, 'latest')).isSymbolicLink());
    assert.match(readlinkSync(demo.disk(host, 'latest')), /2026/);
    await window.explorer.expand('latest');
    await window.explorer.row('summer', 2).waitFor();
    await window.screenshot('explorer-link');
    await window.explorer.remove('latest');
    await window.screenshot('explorer-delete-question');
    await window.dialog.press('Delete');
    await window.explorer.row('latest').waitFor({ state: 'detached' });
    assert.equal(demo.exists(host, 'latest'), false);
    assert.match(readFileSync(demo.disk(host, 'articles/2026/summer/night-boat.md'), 'utf8'), /Night boat/);
  });

  it('deletes a file, and a folder with what is in it', async () => {
    await window.explorer.remove('.htaccess');
    await window.dialog.press('Delete');
    await window.explorer.row('.htaccess').waitFor({ state: 'detached' });
    assert.equal(demo.exists(host, '.htaccess'), false);
    await window.explorer.remove('articles');
    await window.dialog.press('Delete');
    await window.explorer.row('articles').waitFor({ state: 'detached' });
    assert.equal(demo.exists(host, 'articles'), false);
    await window.screenshot('explorer-deleted');
  });
});
