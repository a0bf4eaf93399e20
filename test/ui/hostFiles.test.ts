import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { answerUntil, eventually, startDemoDriver, type DemoDriver } from './demoDriver.ts';
import type { Window } from './driver.ts';
import { doUntilSeen } from './patience.ts';

/** Long enough for a step that nothing is in the way of. */
const soon = { timeout: 10_000 };

/** What a browser has for drags. */
interface DragParts {
  readonly DataTransfer: new () => { readonly items: { add(file: object): void } };
  readonly File: new (parts: readonly string[], name: string, options: { readonly type: string }) => object;
  readonly DragEvent: new (type: string, options: object) => Event;
}

/* Files under the hosts of the view, as a person uses them. The window has a local folder open. */
describe('the files of a host in the view of hosts', () => {
  let demo: DemoDriver;
  let window: Window;
  let local: string;

  before(async function () {
    demo = await startDemoDriver(this);
    local = join(demo.folder, 'local');
    mkdirSync(local);
    writeFileSync(join(local, 'from here.txt'), 'local\n');
    const sftp = (path: string): string => demo.disk('demo-sftp', path);
    mkdirSync(sftp('harbour/deep'), { recursive: true });
    writeFileSync(sftp('harbour/boat10.txt'), 'ten\n', { mode: 0o644 });
    writeFileSync(sftp('harbour/boat9.txt'), 'nine\n', { mode: 0o644 });
    writeFileSync(sftp('harbour/deep/anchor.md'), '# Anchor\n', { mode: 0o600 });
    symlinkSync('deep', sftp('harbour/way down'));
    mkdirSync(demo.disk('demo-ftps', 'dock'));
    writeFileSync(demo.disk('demo-ftps', 'dock/crane.txt'), '');
    // The view beside the Explorer, so that one can be dragged from one to the other.
    const args = { viewIds: ['ferry.hosts'], destinationId: 'workbench.view.explorer' };
    const keys = [{ key: 'ctrl+alt+shift+m', command: 'vscode.moveViews', args }];
    writeFileSync(join(demo.driver.dataFolder, 'data', 'User', 'keybindings.json'), JSON.stringify(keys));
    window = await demo.driver.open({ folder: local });
    await window.showView('Ferry');
  });

  after(async () => {
    await demo.stop();
  });

  afterEach(async function () {
    await window.keepFailure(this.currentTest);
  });

  it('connects a host that is expanded, and shows its files as the Explorer does', async () => {
    await expand('demo-sftp');
    await answer(window.viewRow('harbour'));
    await expand('harbour');
    await expand('deep');
    await window.viewRow('anchor.md').waitFor();
    await shows('harbour', 'deep', 'anchor.md', 'way down', 'boat9.txt', 'boat10.txt');
    await window.screenshot('host-files');
  });

  it('opens a file, and renames it with its editor', async () => {
    await window.viewRow('boat9.txt').click();
    await window.editor.waitFor('boat9.txt');
    await doUntilSeen(question('Rename boat9.txt'), () => window.page.keyboard.press('F2'));
    await window.quickInput.fill('ferry.txt');
    await window.quickInput.accept();
    await window.viewRow('ferry.txt').waitFor();
    await window.editor.waitForTab('ferry.txt');
    assert.equal(demo.read('demo-sftp', 'harbour/ferry.txt'), 'nine\n');
  });

  it('compares two files that are selected', async () => {
    const name = /^(?:ferry\.txt ↔ boat10\.txt|boat10\.txt ↔ ferry\.txt)$/;
    const tab = window.page.locator('.part.editor .tab').filter({ has: window.page.getByText(name) });
    await doUntilSeen(tab, async () => {
      await window.viewRow('ferry.txt').click();
      await window.viewRow('boat10.txt').click({ modifiers: ['Control'] });
      for (const row of ['ferry.txt', 'boat10.txt']) await window.viewRow(row).and(window.page.locator('.selected')).waitFor();
      await window.contextMenu.choose(window.viewRow('boat10.txt'), 'Compare Selected');
    });
    await window.screenshot('host-files-compare');
    await tab.locator('.action-label[aria-label^="Close"]').click();
    // What follows is about one of them.
    await window.viewRow('boat10.txt').click();
    await eventually(async () => assert.equal(await window.page.locator('.part.sidebar .monaco-list-row.selected').count(), 1));
  });

  it('changes permissions by number and by tick', async () => {
    const { quickInput } = window;
    await doUntilSeen(question('Permissions of boat10.txt'), () => window.contextMenu.choose(window.viewRow('boat10.txt'), 'Permissions…'));
    assert.equal(await quickInput.value(), '644');
    await window.screenshot('host-files-permissions');
    await quickInput.fill('750');
    await quickInput.widget.getByText('5 Selected').waitFor();
    await quickInput.item('Group: Write').click();
    await eventually(async () => assert.equal(await quickInput.value(), '770'));
    await quickInput.accept();
    await eventually(() => assert.equal(statSync(demo.disk('demo-sftp', 'harbour/boat10.txt')).mode & 0o7777, 0o770));
  });

  it('counts what is in a folder before its permissions change', async () => {
    const { quickInput } = window;
    await doUntilSeen(question('Permissions of deep'), () => window.contextMenu.choose(window.viewRow('deep'), 'Permissions…'));
    await quickInput.fill('755');
    await quickInput.accept();
    await quickInput.pick('Also What Is in the Folders…');
    await quickInput.widget.locator('input[placeholder^="1 file and 1 folder"]').waitFor();
    await window.screenshot('host-files-permissions-folders');
    await quickInput.pick('Files and Folders, Execute for Folders Only');
    await eventually(() => assert.equal(statSync(demo.disk('demo-sftp', 'harbour/deep/anchor.md')).mode & 0o7777, 0o644));
    assert.equal(statSync(demo.disk('demo-sftp', 'harbour/deep')).mode & 0o7777, 0o755);
  });

  it('copies to another host what is dragged there', async () => {
    await expand('demo-ftps');
    await answer(window.viewRow('dock'));
    await expand('dock');
    await window.viewRow('crane.txt').waitFor();
    await dragAsked('boat10.txt', 'dock');
    await window.dialog.text();
    await window.screenshot('host-files-drag');
    await window.dialog.press('Copy');
    await window.viewRow('boat10.txt').nth(1).waitFor();
    assert.equal(demo.read('demo-ftps', 'dock/boat10.txt'), 'ten\n');
    assert.equal(demo.exists('demo-sftp', 'harbour/boat10.txt'), true);
  });

  it('shows in the view of transfers what was copied', async () => {
    const transfers = window.page.locator('.part.sidebar .pane-header[aria-label^="Transfers"]');
    await transfers.click();
    await window.page.locator('.part.sidebar .monaco-list-row').filter({ hasText: 'Copying boat10.txt' }).first().waitFor();
    await window.screenshot('transfers');
    await transfers.click();
  });

  it('moves within a host what is dragged and is to move', async () => {
    await dragAsked('ferry.txt', 'deep');
    await window.dialog.press('Move');
    await eventually(() => assert.equal(demo.exists('demo-sftp', 'harbour/deep/ferry.txt'), true));
    assert.equal(demo.exists('demo-sftp', 'harbour/ferry.txt'), false);
    // While the view is listed anew, what is dragged from it is nothing.
    await eventually(() => shows('harbour', 'deep', 'anchor.md', 'ferry.txt', 'way down', 'boat10.txt'));
  });

  it('opens in the editor what is dragged onto it', async () => {
    await doUntilSeen(window.editor.tab('anchor.md'), () => dragIntoEditor('anchor.md'), 10_000);
    await window.editor.waitForTab('anchor.md');
  });

  it('deletes after a question', async () => {
    await doUntilSeen(window.dialog.box, async () => {
      await window.viewRow('crane.txt').click(soon);
      await window.page.keyboard.press('Delete');
    });
    assert.match(await window.dialog.text(), /Delete “crane\.txt”\?/);
    await window.screenshot('host-files-delete');
    await window.dialog.press('Delete');
    await window.viewRow('crane.txt').waitFor({ state: 'detached' });
    assert.equal(existsSync(demo.disk('demo-ftps', 'dock/crane.txt')), false);
  });

  it('takes a file that is dragged from the Explorer', async () => {
    await window.page.keyboard.press('Control+Alt+Shift+M');
    await window.explorer.row('from here.txt').waitFor();
    await window.viewRow('harbour').waitFor();
    const target = demo.disk('demo-sftp', 'harbour/from here.txt');
    await dropUntilThere(target, 'local\n', () => window.explorer.row('from here.txt').dragTo(window.viewRow('harbour'), soon));
    assert.equal(readFileSync(join(local, 'from here.txt'), 'utf8'), 'local\n');
    await window.screenshot('host-files-explorer');
  });

  it('takes a file that is dropped from the operating system, of which a browser has the contents only', async () => {
    const target = demo.disk('demo-sftp', 'harbour/from the system.txt');
    await dropUntilThere(target, 'outside\n', () => dropFromSystem(window.viewRow('harbour'), 'from the system.txt', 'outside\n'));
  });

  /** What a list drawn anew let fall is dropped again; in the end it is there once, whole. */
  async function dropUntilThere(target: string, content: string, drop: () => Promise<void>): Promise<void> {
    await eventually(async () => {
      if (!existsSync(target)) await drop();
      await eventually(() => assert.equal(readFileSync(target, 'utf8'), content), 10_000);
    }, 90_000);
  }

  /** Until Ferry asks whether to copy or move. */
  async function dragAsked(name: string, onto: string): Promise<void> {
    await doUntilSeen(window.dialog.box, () => window.viewRow(name).dragTo(window.viewRow(onto), soon));
  }

  /** As the browser tells what is dragged into it from outside. */
  async function dropFromSystem(row: Locator, name: string, content: string): Promise<void> {
    await row.evaluate(
      (element, file) => {
        const { DataTransfer, DragEvent, File } = globalThis as unknown as DragParts;
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([file.content], file.name, { type: 'text/plain' }));
        for (const type of ['dragenter', 'dragover', 'drop'])
          (element as unknown as EventTarget).dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
      },
      { name, content },
    );
  }

  async function dragIntoEditor(name: string): Promise<void> {
    const { page } = window;
    const [row, editor] = [await window.viewRow(name).boundingBox(), await page.locator('.part.editor').boundingBox()];
    assert.ok(row && editor);
    let moves = 0;
    const moveInEditor = () => page.mouse.move(editor.x + 300 + (moves++ % 2), editor.y + 300, { steps: 5 });
    await page.mouse.move(row.x + 70, row.y + 8);
    await page.mouse.down();
    await page.mouse.move(row.x + 90, row.y + 10, { steps: 5 });
    // Over the editor VS Code first lays something that takes the drop; only what has moved over that is taken.
    await doUntilSeen(page.locator('#monaco-workbench-editor-drop-overlay'), moveInEditor);
    await moveInEditor();
    await page.mouse.up();
  }

  const question = (title: string): Locator => window.quickInput.widget.filter({ hasText: title });

  /** From top to bottom, one below the other. */
  async function shows(...names: string[]): Promise<void> {
    const all = await window.page.locator('.part.sidebar .monaco-list-row .label-name').allInnerTexts();
    const from = all.indexOf(names[0] ?? '');
    assert.deepEqual(all.slice(from, from + names.length), names);
  }

  async function expand(name: string): Promise<void> {
    await window.expandRow(window.viewRow(name));
  }

  async function answer(goal: Locator): Promise<void> {
    const { certificateFingerprint, hostKeyFingerprint, password } = demo.servers;
    await answerUntil(window, [certificateFingerprint, hostKeyFingerprint], password, goal);
  }
});
