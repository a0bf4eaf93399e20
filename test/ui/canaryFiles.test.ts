import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import type { HostSetting } from '../demo/servers.ts';
import { installCanary, type Canary } from '../host/installCanary.ts';
import { startFaultyProxy, type FaultyProxy } from '../servers/faultyProxy.ts';
import { bait, baitName, shownBaitName as name } from '../support/bait.ts';
import { createJournal } from '../../src/editor/journal.ts';
import { createOwedLooks } from '../../src/editor/owedLooks.ts';
import { eventually, startDemoDriver, trust, type DemoDriver } from './demoDriver.ts';
import type { Window } from './driver.ts';
import { sweep } from './sweep.ts';

const lines = 'a line of the document\n'.repeat(4000);
/** Of a window that has ended. */
const dead = spawnSync(process.execPath, ['-e', '']).pid;

/** What a window leaves on this computer that ended in the middle of saves to `setting`. */
async function leaveBehind(root: string, setting: HostSetting): Promise<void> {
  const { protocol, user, address, port } = setting;
  const place = { protocol, user, address, port } as const;
  const notes = createJournal(root).forHost(place);
  const [old, content] = [Buffer.from('what it held'), Buffer.from('what was to be saved')];
  await notes.keep({ path: `/desk/${baitName}`, old, aside: undefined, new: content });
  await notes.addAside({ to: `/desk/${baitName}`, aside: '/desk/.ferry-0123456789abcdef.old', from: undefined });
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (!file.endsWith('.json')) continue;
    writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, 'utf8')) as object), process: dead }));
  }
  const version = { size: content.length, mtime: 0, hash: undefined };
  await createOwedLooks(join(root, 'looks'), dead).owe(place, { path: `/desk/${baitName}`, version, time: Date.now(), content });
}

/* The same text in names and contents of files, wherever saving, comparing, merging, deleting and waiting show them. */
describe('text of hostile files', () => {
  let demo: DemoDriver;
  let canary: Canary;
  let proxy: FaultyProxy;
  let window: Window;

  before(async function () {
    let far: HostSetting | undefined;
    demo = await startDemoDriver(this, {
      hosts: async ({ hosts }) => {
        const { setting } = hosts['demo-sftp'];
        proxy = await startFaultyProxy({ port: setting.port });
        far = { ...setting, name: 'far-sftp', port: proxy.port };
        return [{ ...far, trash: '.ferry-trash' }];
      },
      install: async (extensions) => {
        canary = await installCanary(extensions);
        const storage = join(extensions, '..', 'data', 'User', 'globalStorage', 'ferry.ferry');
        if (far) await leaveBehind(join(storage, 'journal'), far);
      },
    });
    mkdirSync(demo.disk('demo-sftp', 'desk'));
    const write = (file: string, text: string) => writeFileSync(demo.disk('demo-sftp', `desk/${file}`), text);
    write(baitName, 'of somebody else');
    write('.ferry-0123456789abcdef.old', 'what stepped aside');
    write(name, lines);
    write('bait.md', `${bait}\n\n${bait.replaceAll(' ', '\n')}\n`);
    window = await demo.driver.open({ folder: 'sftp://far-sftp/desk' });
    await trust(window, demo.servers.hostKeyFingerprint);
  });

  after(async () => {
    await demo.stop();
    await proxy.close();
  });

  afterEach(async function () {
    await window.keepFailure(this.currentTest);
    await window.runCommand('Notifications: Clear All Notifications');
    assert.equal(await canary.runs(), 0, 'how often the canary ran');
  });

  const said = (text: string) => window.notifications.toasts.filter({ hasText: text });
  const tabs = () => window.page.locator('.part.editor .tabs-container');

  const listed = () => window.page.locator('.notifications-center .monaco-list-row');
  /** Notifications that come and go move the others, or close the list: a step that comes to nothing is soon tried again. */
  const soon = { timeout: 4000 };

  async function clearListed(item: Locator): Promise<void> {
    await item.hover(soon);
    await item.locator('.action-label[aria-label^="Clear Notification"]').click(soon);
  }

  async function showListed(): Promise<void> {
    if (!(await listed().first().isVisible())) await window.runCommand('Notifications: Show Notifications');
    await listed().first().waitFor(soon);
  }

  async function showTitle(text: string): Promise<void> {
    await tabs().getByText(text).waitFor();
    await sweep(tabs(), { raw: true, click: false });
  }

  /** What each of them begins with or says, and what there is behind its button. */
  const left: Readonly<Record<string, { readonly button?: string; then?(): Promise<void> }>> = {
    'not shown': {},
    Replacing: {},
    'is not on far-sftp what you saved': { button: 'Compare', then: () => showTitle('(what you saved)') },
    'was interrupted on': {
      button: 'More…',
      async then() {
        await sweep(window.quickInput.widget, { click: false });
        await window.quickInput.pick('Show Both Versions');
        await showTitle('(before ↔ to be saved)');
      },
    },
  };

  it('what an earlier window has left is said in words, and shown under titles', async () => {
    const waiting = new Set(Object.keys(left));
    const lookAt = async (which: string): Promise<void> => {
      const item = listed().filter({ hasText: which }).first();
      await sweep(item);
      await window.screenshot(`canary-left-${waiting.size}`);
      const { button } = left[which] ?? {};
      if (button === undefined) await clearListed(item);
      else await item.getByRole('button', { name: button, exact: true }).click(soon);
      waiting.delete(which);
    };
    while (waiting.size > 0) {
      let which: string | undefined;
      await eventually(async () => {
        await showListed();
        const texts = await listed().allInnerTexts();
        which = [...waiting].find((one) => texts.some((text) => text.includes(one)));
        if (which !== undefined) return lookAt(which);
        // What was looked at already comes back, above what was in sight. One that comes just now may be one of them.
        await clearListed(
          listed()
            .filter({ hasNotText: new RegExp([...waiting].join('|')) })
            .first(),
        );
        assert.fail('none of them is in sight');
      }, 90_000);
      await left[which ?? '']?.then?.();
    }
  });

  it('progress of a slow save', async () => {
    await window.explorer.row(name).first().dblclick();
    await window.editor.waitFor(name);
    await window.editor.typeAtStart('mine ');
    proxy.limitRate(4000);
    await window.editor.pressSave();
    await sweep(said('click me'));
    await window.screenshot('canary-progress');
    proxy.limitRate(undefined);
    await window.editor.waitUntilSaved(name);
  });

  it('a merge', async () => {
    await window.editor.typeAtStart('once more ');
    writeFileSync(demo.disk('demo-sftp', `desk/${name}`), `theirs ${bait}\n${lines}`);
    await window.editor.pressSave();
    await window.notifications.follow('Nothing was written', 'Merge');
    const editor = window.page.locator('.merge-editor');
    await editor.getByText('Yours').first().waitFor();
    await sweep(tabs(), { raw: true, click: false });
    await sweep(editor.locator('.code-view .header, .code-view .title'), { raw: true, click: false });
    await window.screenshot('canary-merge');
    // Before it has merged what it can, the merge editor closes without a question.
    const merging = `Merging: ${name.replaceAll('$(', '$ (')}`;
    await editor
      .locator('.code-view.result')
      .getByText(/[1-9] Conflicts? Remaining/)
      .waitFor();
    await window.editor.waitUntilDirty(merging);
    await window.editor.close(merging);
    await window.dialog.press("Don't Save");
    await window.editor.waitFor(name);
    await window.runCommand('File: Revert File');
    await window.editor.waitUntilSaved(name);
  });

  it('a document', async () => {
    await window.explorer.open('bait.md');
    await window.editor.waitFor('bait.md');
    const text = window.page.locator('.part.editor .view-lines');
    await text.getByText('canary').first().waitFor();
    // Links of VS Code's own, of which none is a command.
    await sweep(text, { raw: true, allowed: /^(?:https|file|vscode):/ });
    await window.screenshot('canary-document');
  });

  it('the trash, and what came back from it', async () => {
    await window.explorer.remove(name);
    await sweep(window.dialog.box, { raw: true });
    await window.dialog.press('Delete');
    await window.explorer.row(name).waitFor({ state: 'detached' });
    await window.showView('Ferry');
    await window.contextMenu.choose(window.viewRow('far-sftp'), 'Trash…');
    await window.quickInput.widget.getByText('click me').first().waitFor();
    await sweep(window.quickInput.widget, { click: false });
    await window.screenshot('canary-trash');
    await window.quickInput.widget.locator('.quick-input-list .monaco-list-row').first().click();
    await sweep(said('is back on far-sftp'));
  });
});
