import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { eventually, startDemoDriver, trust, type DemoDriver } from './demoDriver.ts';
import type { Window } from './driver.ts';

/* What a person deleted or overwrote comes back, by menus and lists. */
describe('a host with a trash', () => {
  const host = 'demo-sftp';
  let demo: DemoDriver;
  let window: Window;

  before(async function () {
    demo = await startDemoDriver(this, {
      hosts: ({ hosts }) => {
        const withTrash = { ...hosts[host].setting, name: 'with-trash', trash: '.ferry-trash' };
        return [withTrash];
      },
    });
    mkdirSync(demo.disk(host, 'desk/letters'), { recursive: true });
    writeFileSync(demo.disk(host, 'desk/note.txt'), 'precious');
    writeFileSync(demo.disk(host, 'desk/letters/one.txt'), 'one');
    window = await demo.driver.open({ folder: 'sftp://with-trash/desk' });
    await trust(window, demo.servers.hostKeyFingerprint);
  });

  after(() => demo.stop());

  afterEach(async function () {
    await window.keepFailure(this.currentTest);
  });

  it('takes what is deleted in the Explorer, and gives it back by its menu in the view of hosts', async () => {
    await window.explorer.remove('note.txt');
    await window.dialog.press('Delete');
    await window.explorer.row('note.txt').waitFor({ state: 'detached' });
    assert.equal(readdirSync(demo.disk(host, '.ferry-trash')).length, 1);
    await window.explorer.remove('letters');
    await window.dialog.press('Delete');
    await window.explorer.row('letters').waitFor({ state: 'detached' });
    await window.showView('Ferry');
    await window.contextMenu.choose(window.viewRow('with-trash'), 'Trash…');
    await window.quickInput.item('note.txt').getByText('8 B').waitFor();
    await window.quickInput.item('letters').getByText('folder').waitFor();
    await window.screenshot('trash-list');
    await window.quickInput.item('note.txt').hover();
    await window.quickInput.item('note.txt').locator('.action-label[aria-label="Show"]').click();
    await window.editor.waitFor('note.txt');
    assert.match(await window.editor.text(), /precious/);
    await window.contextMenu.choose(window.viewRow('with-trash'), 'Trash…');
    await window.quickInput.pick('note.txt');
    await window.notifications.press('/desk/note.txt is back on with-trash', 'Show');
    await window.explorer.row('note.txt').waitFor();
    assert.equal(demo.read(host, 'desk/note.txt'), 'precious');
  });

  it('shows an earlier version beside the present one, and restores it', async () => {
    await window.explorer.open('note.txt');
    await window.editor.waitFor('note.txt');
    await window.editor.typeAtStart('spoilt ');
    await window.editor.save('note.txt');
    await window.contextMenu.choose(window.explorer.row('note.txt'), 'Restore…');
    await window.quickInput.waitFor('Restore: note.txt');
    await window.screenshot('restore-list');
    await window.quickInput.widget.locator('.quick-input-list .monaco-list-row').first().click();
    await window.notifications.waitFor('Restore note.txt on with-trash');
    await window.screenshot('restore-compare');
    assert.equal(demo.read(host, 'desk/note.txt'), 'spoilt precious');
    await window.notifications.press('Restore note.txt on with-trash', 'Restore');
    await eventually(() => assert.equal(demo.read(host, 'desk/note.txt'), 'precious'));
    await window.page.locator('.statusbar').getByText('note.txt was restored.').waitFor();
    assert.deepEqual(await window.page.locator('.tab').count(), 1);
  });

  it('is emptied after a question', async () => {
    await window.runCommand('Ferry: Trash…');
    await window.quickInput.pick('with-trash');
    await window.quickInput.pick('Empty Trash…');
    assert.match(await window.dialog.text(), /Delete letters for good from the trash of with-trash\?/);
    await window.screenshot('trash-empty');
    await window.dialog.press('Delete for Good');
    await window.quickInput.item('The trash is empty.').waitFor();
    assert.deepEqual(readdirSync(demo.disk(host, '.ferry-trash')), []);
    await window.quickInput.cancel();
  });
});
