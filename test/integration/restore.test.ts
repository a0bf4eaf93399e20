import assert from 'node:assert/strict';
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { choosing } from './choosing.ts';
import { demo, diskPath, saveHosts, uriOn, type DemoName } from './demo.ts';
import { takePlace } from './person.ts';

const names: readonly DemoName[] = ['demo-sftp', 'demo-ftp'];

/** As the Explorer deletes. */
async function remove(uri: vscode.Uri): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.deleteFile(uri, { recursive: true });
  assert.ok(await vscode.workspace.applyEdit(edit));
}

async function change(uri: vscode.Uri, text: string): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.window.showTextDocument(document);
  const edit = new vscode.WorkspaceEdit();
  edit.replace(uri, document.validateRange(new vscode.Range(0, 0, document.lineCount, 0)), text);
  assert.ok(await vscode.workspace.applyEdit(edit));
  return document;
}

const restore = (uri: vscode.Uri) => () => vscode.commands.executeCommand('ferry.restore', uri);

for (const name of names) {
  const trashHost = `trash-${name}`;
  const inTrash = (path: string) => vscode.Uri.from({ scheme: demo.hosts[name].setting.protocol, authority: trashHost, path });
  const disk = (path: string) => diskPath(name, path);

  describe(`trash: ${name}`, () => {
    const showTrash = () => vscode.commands.executeCommand('ferry.showTrash', trashHost);
    const entries = () => readdirSync(disk('/.ferry-trash'));

    before(async () => {
      takePlace();
      await saveHosts({ ...demo.hosts[name].setting, name: trashHost, trash: '.ferry-trash' });
      rmSync(disk('/restore'), { recursive: true, force: true });
      mkdirSync(disk('/restore/folder'), { recursive: true });
    });
    after(() => saveHosts());
    afterEach(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

    it('takes what is deleted, whole, and gives it back', async () => {
      const content = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251));
      writeFileSync(disk('/restore/folder/a ü#%.bin'), content);
      chmodSync(disk('/restore/folder/a ü#%.bin'), 0o640);
      await remove(inTrash('/restore/folder/a ü#%.bin'));
      assert.ok(!existsSync(disk('/restore/folder/a ü#%.bin')));
      if (name === 'demo-sftp') assert.equal(lstatSync(disk('/.ferry-trash')).mode & 0o777, 0o700);
      rmSync(disk('/restore/folder'), { recursive: true });
      await choosing({ rows: [trashHost, 'a ü#%.bin'], buttons: [] }, showTrash);
      assert.ok(readFileSync(disk('/restore/folder/a ü#%.bin')).equals(content));
      assert.equal(lstatSync(disk('/restore/folder/a ü#%.bin')).mode & 0o777, 0o640);
      assert.deepEqual(entries(), []);
    });

    it('takes a folder with all in it, in one step', async () => {
      mkdirSync(disk('/restore/tree/deep'), { recursive: true });
      writeFileSync(disk('/restore/tree/deep/file'), 'deep');
      await remove(inTrash('/restore/tree'));
      assert.equal(entries().length, 1);
      await choosing({ rows: [trashHost, 'tree'], buttons: [] }, showTrash);
      assert.equal(readFileSync(disk('/restore/tree/deep/file'), 'utf8'), 'deep');
    });

    it('asks when something is there: under another name, or in its place, which goes to the trash', async () => {
      writeFileSync(disk('/restore/b.txt'), 'old');
      await remove(inTrash('/restore/b.txt'));
      writeFileSync(disk('/restore/b.txt'), 'new');
      const asked = await choosing({ rows: [trashHost, 'b.txt'], buttons: ['Restore under Another Name'] }, showTrash);
      assert.match(asked[0] ?? '', /There is something at \/restore\/b\.txt/);
      assert.equal(readFileSync(disk('/restore/b (restored).txt'), 'utf8'), 'old');
      assert.equal(readFileSync(disk('/restore/b.txt'), 'utf8'), 'new');
      await remove(inTrash('/restore/b (restored).txt'));
      writeFileSync(disk('/restore/b (restored).txt'), 'newest');
      await choosing({ rows: [trashHost, 'b (restored).txt'], buttons: ['Replace It'] }, showTrash);
      assert.equal(readFileSync(disk('/restore/b (restored).txt'), 'utf8'), 'old');
      await choosing({ rows: [trashHost, 'b (restored).txt'], buttons: ['Restore under Another Name'] }, showTrash);
      assert.equal(readFileSync(disk('/restore/b (restored) (restored).txt'), 'utf8'), 'newest');
    });

    it('is emptied when the person says so, and not otherwise', async () => {
      writeFileSync(disk('/restore/c.txt'), 'c');
      await remove(inTrash('/restore/c.txt'));
      writeFileSync(disk('/.ferry-trash/not ours'), 'x');
      await choosing({ rows: [trashHost, 'Empty Trash'], buttons: [] }, showTrash);
      assert.equal(entries().length, 2);
      const asked = await choosing({ rows: [trashHost, 'Empty Trash', 'The trash is empty'], buttons: ['Delete for Good'] }, showTrash);
      assert.match(asked[0] ?? '', /Delete c\.txt for good/);
      assert.deepEqual(entries(), ['not ours']);
      rmSync(disk('/.ferry-trash/not ours'));
    });

    it('is not where what lies in it goes when that is deleted', async () => {
      writeFileSync(disk('/restore/d.txt'), 'd');
      await remove(inTrash('/restore/d.txt'));
      const [entry = ''] = entries();
      await remove(inTrash(`/.ferry-trash/${entry}/d.txt`));
      assert.deepEqual(readdirSync(disk(`/.ferry-trash/${entry}`)), []);
      await remove(inTrash(`/.ferry-trash/${entry}`));
      assert.deepEqual(entries(), []);
    });
  });

  describe(`local history: ${name}`, () => {
    const uri = (path: string) => uriOn(name, path);

    before(() => {
      takePlace();
      mkdirSync(disk('/history/folder'), { recursive: true });
    });
    afterEach(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

    it('keeps what a save replaced, and restores it like a save', async () => {
      const old = 'one\r\ntwo\n\u{1f600}';
      writeFileSync(disk('/history/a.txt'), old);
      const document = await change(uri('/history/a.txt'), 'mine');
      assert.equal(await document.save(), true);
      const asked = await choosing({ rows: [''], buttons: ['Restore'] }, restore(document.uri));
      assert.match(asked[0] ?? '', /^Restore a\.txt on/);
      assert.equal(readFileSync(disk('/history/a.txt'), 'utf8'), old);
      await choosing({ rows: [''], buttons: ['Restore'] }, restore(document.uri));
      assert.equal(readFileSync(disk('/history/a.txt'), 'utf8'), 'mine', 'what was restored over is kept as well');
    });

    it('follows a file that is renamed', async () => {
      writeFileSync(disk('/history/before.txt'), 'first');
      const document = await change(uri('/history/before.txt'), 'second');
      assert.equal(await document.save(), true);
      const edit = new vscode.WorkspaceEdit();
      edit.renameFile(uri('/history/before.txt'), uri('/history/after.txt'));
      assert.ok(await vscode.workspace.applyEdit(edit));
      await choosing({ rows: [''], buttons: ['Restore'] }, restore(uri('/history/after.txt')));
      assert.equal(readFileSync(disk('/history/after.txt'), 'utf8'), 'first');
      assert.ok(!existsSync(disk('/history/before.txt')));
    });

    it('restores nothing into a document with unsaved changes, and nothing that the person did not agree to', async () => {
      writeFileSync(disk('/history/b.txt'), 'old');
      const document = await change(uri('/history/b.txt'), 'mine');
      assert.equal(await document.save(), true);
      await choosing({ rows: [''], buttons: [] }, restore(document.uri));
      await change(uri('/history/b.txt'), 'unsaved');
      await choosing({ rows: [''], buttons: ['Restore'] }, restore(document.uri));
      assert.equal(readFileSync(disk('/history/b.txt'), 'utf8'), 'mine');
      await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    });

    it('keeps what was overwritten on purpose after a conflict', async () => {
      writeFileSync(disk('/history/c.txt'), 'base');
      const document = await change(uri('/history/c.txt'), 'mine');
      writeFileSync(disk('/history/c.txt'), 'theirs, of another size');
      assert.equal(await document.save(), false);
      await vscode.commands.executeCommand('ferry.conflict.overwrite', document.uri);
      assert.equal(readFileSync(disk('/history/c.txt'), 'utf8'), 'mine');
      await choosing({ rows: [''], buttons: ['Restore'] }, restore(document.uri));
      assert.equal(readFileSync(disk('/history/c.txt'), 'utf8'), 'theirs, of another size');
    });

    it('brings back a file that was deleted for good', async () => {
      writeFileSync(disk('/history/folder/d.txt'), 'deleted');
      await vscode.workspace.fs.readFile(uri('/history/folder/d.txt'));
      await remove(uri('/history/folder'));
      assert.ok(!existsSync(disk('/history/folder')));
      const asked = await choosing({ rows: ['folder/d.txt', ''], buttons: ['Restore'] }, restore(uri('/history')));
      assert.match(asked[0] ?? '', /There is no d\.txt on/);
      assert.equal(readFileSync(disk('/history/folder/d.txt'), 'utf8'), 'deleted');
    });
  });
}
