import assert from 'node:assert/strict';
import { mkdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { eventually, startDemoDriver, trust, type DemoDriver } from './demoDriver.ts';
import type { Window } from './driver.ts';

/* What a person sees and does when the server's file and the editor's text went different ways. */
describe('merging with what the server has', () => {
  const host = 'demo-sftp';
  const base = 'monday 08:00\ntuesday 09:00\nwednesday 10:00\nthursday 11:00\nfriday 12:00\n';
  const theirs = base.replace('monday 08:00', 'monday 08:30').replace('friday 12:00', 'friday 12:15');
  const mine = base.replace('wednesday 10:00', 'wednesday 10:20').replace('friday 12:00', 'friday 12:45');
  const merged = mine.replace('monday 08:00', 'monday 08:30');
  let demo: DemoDriver;
  let window: Window;

  before(async function () {
    demo = await startDemoDriver(this);
    mkdirSync(demo.disk(host, 'desk'));
    for (const file of ['merged', 'given-up', 'calm', 'gone']) writeFileSync(disk(`${file}.txt`), base);
    window = await demo.driver.open({ folder: `sftp://${host}/desk` });
    await trust(window, demo.servers.hostKeyFingerprint);
  });

  after(() => demo.stop());

  afterEach(async function () {
    await window.keepFailure(this.currentTest);
  });

  const disk = (file: string) => demo.disk(host, `desk/${file}`);
  const read = (file: string) => demo.read(host, `desk/${file}`);
  const editor = () => window.page.locator('.merge-editor');
  const result = () => editor().locator('.code-view.result');

  /** Behind the editor's back; the time does not tell. */
  function changeOutside(file: string, text: string): void {
    const { mtime } = statSync(disk(file));
    writeFileSync(disk(file), text);
    utimesSync(disk(file), mtime, mtime);
  }

  async function edit(file: string): Promise<void> {
    await window.explorer.open(file);
    await window.editor.waitFor(file);
    await window.editor.replaceAll(mine);
  }

  /** Shows the merge editor for `mine` in an editor, saved in vain over `theirs`, which the server has meanwhile. */
  async function startMerge(file: string): Promise<void> {
    await edit(file);
    changeOutside(file, theirs);
    await window.editor.pressSave();
    await window.notifications.follow(/changed on demo-sftp.*Nothing was written/s, 'Merge');
    await result().getByText('1 Conflict Remaining').waitFor();
  }

  it('shows theirs, mine and what merges by itself, and saves the rest when the person has decided it', async () => {
    await startMerge('merged.txt');
    await eventually(async () => {
      const text = (await result().locator('.view-lines').innerText()).replaceAll('\u00a0', ' ');
      assert.match(text, /monday 08:30[^]*wednesday 10:20[^]*friday 12:00/);
    });
    await window.screenshot('merge');
    await window.picture('merge');
    await editor().locator('.code-view.input').nth(1).getByText('Accept Yours').click();
    await result().getByText('0 Conflicts Remaining').waitFor();
    assert.equal(read('merged.txt'), theirs);
    await window.page.locator('.editor-actions .action-label[aria-label^="Complete Merge"]').click();
    await editor().waitFor({ state: 'detached' });
    await eventually(() => assert.equal(read('merged.txt'), merged));
    await window.editor.waitUntilSaved('merged.txt');
    await eventually(async () => assert.deepEqual(await window.notifications.texts(), []));
    await window.screenshot('merge-completed');
  });

  it('writes nothing, and leaves the text as it was, when the merge is given up', async () => {
    await startMerge('given-up.txt');
    await editor().locator('.code-view.input').nth(0).getByText('Accept On demo-sftp').click();
    await window.editor.close('Merging: given-up.txt');
    await window.dialog.press("Don't Save");
    await editor().waitFor({ state: 'detached' });
    assert.equal(read('given-up.txt'), theirs);
    await window.editor.waitForTab('given-up.txt');
    await window.editor.waitUntilDirty('given-up.txt');
    assert.equal((await window.editor.text()).trimEnd(), mine.trimEnd());
    await window.notifications.follow(/Nothing was written/, "Take the server's");
    await window.editor.waitUntilSaved('given-up.txt');
  });

  it('says it once while VS Code saves by itself', async () => {
    await edit('calm.txt');
    changeOutside('calm.txt', theirs);
    await window.runCommand('File: Toggle Auto Save');
    await window.editor.typeAtStart('x');
    await window.notifications.waitFor(/Nothing was written/);
    const [toast] = await window.notifications.toasts.elementHandles();
    await window.page.keyboard.type(' and more and more words', { delay: 150 });
    assert.equal(await toast?.isVisible(), true, 'the message was shown anew');
    assert.equal((await window.notifications.texts()).length, 1);
    assert.equal(read('calm.txt'), theirs);
    await window.notifications.follow(/Nothing was written/, 'Merge');
    await result()
      .getByText(/[1-9] Conflicts? Remaining/)
      .waitFor();
    await window.editor.close('Merging: calm.txt');
    // By then VS Code has saved the result by itself, or not, and asks this or that.
    const conflicts = window.dialog.box.getByText('Close with Conflicts', { exact: true });
    const question = conflicts.or(window.dialog.box.getByText("Don't Save", { exact: true })).first();
    await eventually(async () => {
      if (await question.isVisible()) await question.click({ timeout: 5000 });
      await editor().waitFor({ state: 'detached', timeout: 1000 });
    }, 90_000);
    assert.equal(read('calm.txt'), theirs, 'VS Code decided for the person');
    await window.runCommand('File: Toggle Auto Save');
    await window.notifications.follow(/Nothing was written/, "Take the server's");
    await window.editor.waitUntilSaved('calm.txt');
  });

  it('saves what was deleted on the server anew, or a copy of it', async () => {
    await edit('gone.txt');
    rmSync(disk('gone.txt'));
    await window.editor.pressSave();
    await window.notifications.follow(/deleted on demo-sftp.*Nothing was written/s, 'Save a Copy…');
    await window.quickInput.pick('On a Server…');
    await eventually(async () => assert.equal(await window.quickInput.value(), '/desk/gone (copy).txt'));
    await window.quickInput.accept();
    await eventually(() => assert.equal(read('gone (copy).txt'), mine));
    assert.equal(demo.exists(host, 'desk/gone.txt'), false);
    await window.editor.waitUntilDirty('gone.txt');
    await window.screenshot('deleted');
    await window.notifications.follow(/deleted on demo-sftp/, 'Save mine anyway');
    await eventually(() => assert.equal(read('gone.txt'), mine));
    await window.editor.waitUntilSaved('gone.txt');
  });
});
