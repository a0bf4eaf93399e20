import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import * as vscode from 'vscode';
import { diskPath, uriOn, type DemoName } from './demo.ts';
import { takePlace } from './person.ts';
import { typeText } from './typing.ts';

const names: readonly DemoName[] = ['demo-sftp', 'demo-ftps'];

for (const name of names) {
  describe(`documents: ${name}`, () => {
    const disk = (file: string): string => diskPath(name, `/documents/${file}`);

    /** A document as a person has it who opened the file and typed. */
    async function edited(file: string, text: string): Promise<vscode.TextDocument> {
      const document = await vscode.workspace.openTextDocument(uriOn(name, `/documents/${file}`));
      await vscode.window.showTextDocument(document);
      await typeText(document, text);
      return document;
    }

    /** Writes behind the editor's back, and makes the file look older or newer than it was. */
    function changeOutside(file: string, text: string, shiftSeconds: number): void {
      const { mtimeMs } = statSync(disk(file));
      writeFileSync(disk(file), text);
      const time = new Date(mtimeMs + shiftSeconds * 1000);
      utimesSync(disk(file), time, time);
    }

    before(() => {
      takePlace();
      mkdirSync(disk('.'), { recursive: true });
    });

    afterEach(async () => {
      await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    });

    it('saves what was typed, keeps the mode, and is clean afterwards', async () => {
      writeFileSync(disk('saved.txt'), 'old\n');
      chmodSync(disk('saved.txt'), 0o640);
      const document = await edited('saved.txt', 'new\n');
      assert.equal(document.isDirty, true);
      assert.equal(await document.save(), true);
      assert.equal(document.isDirty, false);
      assert.equal(readFileSync(disk('saved.txt'), 'utf8'), 'new\n');
      if (name === 'demo-sftp') assert.equal(lstatSync(disk('saved.txt')).mode & 0o777, 0o640);
    });

    it('saves again and again without a conflict with itself', async () => {
      writeFileSync(disk('again.txt'), '0');
      const document = await edited('again.txt', '1');
      for (const text of ['2', '3', '4', '5']) {
        assert.equal(await document.save(), true);
        await typeText(document, text);
      }
      assert.equal(await document.save(), true);
      assert.equal(readFileSync(disk('again.txt'), 'utf8'), '5');
    });

    const conflicts: [string, (file: string) => void][] = [
      ['newer and longer', (file) => changeOutside(file, 'theirs, and more', 60)],
      ['of the same size and time', (file) => changeOutside(file, 'THEIRS', 0)],
      ['older', (file) => changeOutside(file, 'theirs!', -3600)],
      ['deleted', (file) => rmSync(disk(file))],
    ];
    for (const [kind, change] of conflicts) {
      it(`writes nothing when the file on the server is ${kind}, and stays dirty`, async () => {
        const file = `conflict ${kind}.txt`;
        writeFileSync(disk(file), 'theirs');
        const document = await edited(file, 'mine');
        change(file);
        const before = existsSync(disk(file)) ? readFileSync(disk(file), 'utf8') : undefined;
        assert.equal(await document.save(), false);
        assert.equal(document.isDirty, true);
        const after = existsSync(disk(file)) ? readFileSync(disk(file), 'utf8') : undefined;
        assert.equal(after, before);
        assert.deepEqual(
          readdirSync(disk('.')).filter((entry) => entry.startsWith('.ferry')),
          [],
        );
      });
    }

    it('overwrites after a conflict only by the deliberate command, and only what the person was told of', async () => {
      writeFileSync(disk('overwrite.txt'), 'theirs');
      const document = await edited('overwrite.txt', 'mine');
      changeOutside('overwrite.txt', 'THEIRS', 0);
      assert.equal(await document.save(), false);
      changeOutside('overwrite.txt', 'Newest', 0);
      await vscode.commands.executeCommand('ferry.conflict.overwrite', document.uri);
      assert.equal(readFileSync(disk('overwrite.txt'), 'utf8'), 'Newest');
      assert.equal(document.isDirty, true);
      await vscode.commands.executeCommand('ferry.conflict.overwrite', document.uri);
      assert.equal(readFileSync(disk('overwrite.txt'), 'utf8'), 'mine');
      assert.equal(document.isDirty, false);
    });

    it('overwrites also where the same content came anew while it was edited, and then another one', async () => {
      writeFileSync(disk('anew.txt'), 'theirs');
      const document = await edited('anew.txt', 'mine');
      changeOutside('anew.txt', 'theirs', 60);
      await vscode.workspace.fs.readFile(document.uri);
      changeOutside('anew.txt', 'theirs, and longer', 60);
      assert.equal(await document.save(), false);
      await vscode.commands.executeCommand('ferry.conflict.overwrite', document.uri);
      assert.equal(readFileSync(disk('anew.txt'), 'utf8'), 'mine');
      assert.equal(document.isDirty, false);
    });

    it("takes the server's version when the person says so", async () => {
      writeFileSync(disk('theirs.txt'), 'theirs');
      const document = await edited('theirs.txt', 'mine');
      changeOutside('theirs.txt', 'THEIRS', 0);
      assert.equal(await document.save(), false);
      await vscode.commands.executeCommand('ferry.conflict.useServer', document.uri);
      assert.equal(document.getText(), 'THEIRS');
      assert.equal(document.isDirty, false);
      await typeText(document, 'after');
      assert.equal(await document.save(), true);
      assert.equal(readFileSync(disk('theirs.txt'), 'utf8'), 'after');
    });

    it("takes the server's version whatever is in front, of which nothing is lost", async () => {
      writeFileSync(disk('behind.txt'), 'theirs');
      writeFileSync(disk('in front.txt'), 'theirs');
      const behind = await edited('behind.txt', 'mine');
      changeOutside('behind.txt', 'THEIRS', 0);
      assert.equal(await behind.save(), false);
      const inFront = await edited('in front.txt', 'typed, and not saved');
      // Wherever the person, or another extension, goes meanwhile.
      const { window } = vscode as unknown as {
        window: { showTextDocument: (document: vscode.TextDocument) => Promise<vscode.TextEditor> };
      };
      const { showTextDocument } = window;
      window.showTextDocument = async (document) => {
        await showTextDocument(document);
        return showTextDocument(inFront);
      };
      try {
        await vscode.commands.executeCommand('ferry.conflict.useServer', behind.uri);
      } finally {
        window.showTextDocument = showTextDocument;
      }
      assert.deepEqual([inFront.getText(), inFront.isDirty], ['typed, and not saved', true]);
      assert.deepEqual([behind.getText(), behind.isDirty, readFileSync(disk('behind.txt'), 'utf8')], ['THEIRS', false, 'THEIRS']);
      await vscode.commands.executeCommand('workbench.action.files.revert');
    });

    it("takes the server's version as it is, where VS Code would save it with other line ends and without blanks", async () => {
      const settings = vscode.workspace.getConfiguration('files');
      await settings.update('trimTrailingWhitespace', true, vscode.ConfigurationTarget.Global);
      try {
        writeFileSync(disk('exact.txt'), 'theirs\n');
        const document = await edited('exact.txt', 'mine\n');
        changeOutside('exact.txt', 'THEIRS   \r\nä\r\n', 0);
        const { mtimeMs } = statSync(disk('exact.txt'));
        assert.equal(await document.save(), false);
        await vscode.commands.executeCommand('ferry.conflict.useServer', document.uri);
        await until(
          () => document.getText() === 'THEIRS   \r\nä\r\n' && !document.isDirty,
          () => undefined,
        );
        assert.deepEqual([readFileSync(disk('exact.txt'), 'utf8'), statSync(disk('exact.txt')).mtimeMs], ['THEIRS   \r\nä\r\n', mtimeMs]);
        // What VS Code changed as it saved, and what it read then, are steps of their own.
        for (let step = 0; step < 3 && !document.getText().startsWith('mine'); step += 1) await vscode.commands.executeCommand('undo');
        assert.equal(document.getText().replaceAll('\r', ''), 'mine\n');
      } finally {
        await settings.update('trimTrailingWhitespace', undefined, vscode.ConfigurationTarget.Global);
      }
    });

    /** The text of the merge editor's result, once VS Code has merged what it can. */
    async function mergeOf(document: vscode.TextDocument): Promise<vscode.TextDocument> {
      await vscode.commands.executeCommand('ferry.conflict.merge', document.uri);
      const result = () =>
        vscode.workspace.textDocuments.find(
          ({ uri, isDirty }) => isDirty && uri.scheme === 'ferry-merge' && uri.path === document.uri.path,
        );
      await until(
        () => result() !== undefined && vscode.window.tabGroups.activeTabGroup.activeTab?.label.startsWith('Merging') === true,
        () => undefined,
      );
      return result()!;
    }

    it('merges what others changed elsewhere in the file, in its own encoding', async () => {
      writeFileSync(disk('merged.txt'), 'caf\u00e9\none\ntwo\nthree\n', 'latin1');
      const document = await vscode.workspace.openTextDocument(uriOn(name, '/documents/merged.txt'), { encoding: 'windows1252' });
      await vscode.window.showTextDocument(document);
      await typeText(document, 'caf\u00e9\none\ntwo\nTHREE \u00fc\n');
      writeFileSync(disk('merged.txt'), 'CAF\u00c9\none\ntwo\nthree\n', 'latin1');
      assert.equal(await document.save(), false);
      const result = await mergeOf(document);
      // The merge editor takes over one change after the other.
      await until(
        () => result.getText() === 'CAF\u00c9\none\ntwo\nTHREE \u00fc\n',
        () => undefined,
      );
      assert.equal(readFileSync(disk('merged.txt'), 'latin1'), 'CAF\u00c9\none\ntwo\nthree\n');
      await vscode.commands.executeCommand('ferry.completeMerge');
      assert.equal(readFileSync(disk('merged.txt'), 'latin1'), 'CAF\u00c9\none\ntwo\nTHREE \u00fc\n');
      assert.deepEqual([document.isDirty, document.encoding], [false, 'windows1252']);
      await typeText(document, 'after');
      assert.equal(await document.save(), true);
    });

    it('has a merge in conflict again with a still newer version', async () => {
      writeFileSync(disk('newer.txt'), 'one\ntwo\nthree\n');
      const document = await edited('newer.txt', 'one\ntwo\nTHREE\n');
      changeOutside('newer.txt', 'ONE\ntwo\nthree\n', 0);
      assert.equal(await document.save(), false);
      const result = await mergeOf(document);
      await until(
        () => result.getText() === 'ONE\ntwo\nTHREE\n',
        () => undefined,
      );
      changeOutside('newer.txt', 'NEW\ntwo\nthree\n', 0);
      await vscode.commands.executeCommand('ferry.completeMerge');
      assert.equal(readFileSync(disk('newer.txt'), 'utf8'), 'NEW\ntwo\nthree\n');
      assert.deepEqual([document.getText(), document.isDirty], ['ONE\ntwo\nTHREE\n', true]);
      await vscode.commands.executeCommand('ferry.conflict.overwrite', document.uri);
      assert.equal(readFileSync(disk('newer.txt'), 'utf8'), 'ONE\ntwo\nTHREE\n');
    });

    it('leaves no editor behind for a result that gets unsaved changes when its merge editor is gone', async () => {
      writeFileSync(disk('left.txt'), 'one\ntwo\nthree\n');
      const document = await edited('left.txt', 'one\ntwo\nTHREE\n');
      changeOutside('left.txt', 'ONE\ntwo\nthree\n', 0);
      assert.equal(await document.save(), false);
      const { uri } = await mergeOf(document);
      const isOfResult = ({ input }: vscode.Tab) => input instanceof vscode.TabInputText && input.uri.toString() === uri.toString();
      await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
      let opened = 0;
      const listener = vscode.window.tabGroups.onDidChangeTabs((event) => (opened += event.opened.filter(isOfResult).length));
      // VS Code shows each unsaved document in an editor after a moment.
      const result = await vscode.workspace.openTextDocument(uri);
      await typeText(result, 'half merged');
      await until(
        () => opened > 0 && !vscode.window.tabGroups.all.some(({ tabs }) => tabs.some(isOfResult)),
        () => undefined,
      );
      listener.dispose();
      assert.equal(result.isDirty, false);
      assert.equal(new TextDecoder().decode(await vscode.workspace.fs.readFile(uri)), 'half merged');
      assert.deepEqual([document.getText(), document.isDirty], ['one\ntwo\nTHREE\n', true]);
      assert.equal(readFileSync(disk('left.txt'), 'utf8'), 'ONE\ntwo\nthree\n');
    });

    it('keeps its base when somebody else in this window reads the newer file', async () => {
      writeFileSync(disk('other reader.txt'), 'theirs');
      const document = await edited('other reader.txt', 'mine');
      changeOutside('other reader.txt', 'THEIRS', 0);
      await vscode.workspace.fs.readFile(document.uri);
      assert.equal(await document.save(), false);
      assert.equal(readFileSync(disk('other reader.txt'), 'utf8'), 'THEIRS');
    });

    it('shows in a clean document what others changed, without being asked', async () => {
      writeFileSync(disk('watched.txt'), 'before');
      const document = await vscode.workspace.openTextDocument(uriOn(name, '/documents/watched.txt'));
      await vscode.window.showTextDocument(document);
      await vscode.workspace.getConfiguration('ferry').update('watch.interval', 1, vscode.ConfigurationTarget.Global);
      try {
        // The first look only sees what is there.
        await until(
          () => document.getText() === 'changed outside',
          () => changeOutside('watched.txt', 'changed outside', 60),
        );
      } finally {
        await vscode.workspace.getConfiguration('ferry').update('watch.interval', undefined, vscode.ConfigurationTarget.Global);
      }
    });
  });
}

/** Calls `nudge` and looks again until `done`, for 20 s. */
async function until(done: () => boolean, nudge: () => void): Promise<void> {
  for (let n = 0; n < 120 && !done(); n += 1) {
    if (n % 8 === 4) nudge();
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  assert.ok(done());
}
