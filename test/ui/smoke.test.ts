import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { removeFolder, temporaryFolder } from '../servers/folder.ts';
import { requireServer } from '../servers/server.ts';
import { startDriver, type Driver, type Window } from './driver.ts';

/* That the driver does what it says: on a folder of the local disk, without Ferry's doing. */
describe('VS Code, driven by hand', () => {
  let driver: Driver;
  let window: Window;
  let folder: string;

  before(async function () {
    folder = temporaryFolder('smoke');
    writeFileSync(join(folder, 'note.txt'), 'old words\n');
    mkdirSync(join(folder, 'box'));
    driver = await requireServer(this, () => startDriver());
    window = await driver.open({ folder });
  });

  after(async () => {
    await driver.stop();
    removeFolder(folder);
  });

  afterEach(async function () {
    await window.keepFailure(this.currentTest);
  });

  it('edits and saves a file by keyboard', async () => {
    await window.explorer.open('note.txt');
    await window.editor.waitFor('note.txt');
    await window.editor.typeAtStart('new ');
    await window.editor.waitUntilDirty('note.txt');
    await window.editor.save('note.txt');
    assert.equal(readFileSync(join(folder, 'note.txt'), 'utf8'), 'new old words\n');
    assert.match(await window.editor.text(), /^new old words/);
    assert.ok(statSync(await window.screenshot('smoke')).size > 10_000);
  });

  it('makes, renames, drags and deletes', async () => {
    await window.explorer.create('Folder', 'shelf');
    await window.explorer.rename('shelf', 'rack');
    await window.explorer.drag('note.txt', 'rack');
    await window.dialog.press('Move');
    await window.explorer.row('note.txt', 2).waitFor();
    assert.equal(readFileSync(join(folder, 'rack', 'note.txt'), 'utf8'), 'new old words\n');
    await window.explorer.remove('box');
    await window.dialog.press('Delete');
    await window.explorer.row('box').waitFor({ state: 'detached' });
    assert.throws(() => statSync(join(folder, 'box')));
  });

  it('runs a command by its title', async () => {
    await window.runCommand('View: Toggle Panel Visibility');
    await window.page.locator('.part.panel').waitFor();
  });
});
