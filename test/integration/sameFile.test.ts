import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { demo, diskPath, saveHosts, uriOn, type DemoName } from './demo.ts';
import { mark } from './mark.ts';
import { takePlace } from './person.ts';
import { eventually, typeText } from './typing.ts';

const rounds = 10;

for (const name of ['demo-sftp', 'demo-ftp', 'demo-ftps'] satisfies DemoName[]) {
  describe(`one file, two ways to it: ${name}`, () => {
    /** Another name of the same server: to Ferry another host with connections, locks and bases of its own, as another person's. */
    const twin = `twin-of-${name}`;
    const { setting } = demo.hosts[name];
    const path = (file: string): string => `/same file/${file}`;
    const disk = (file = ''): string => diskPath(name, path(file));
    const text = (file: string): string => readFileSync(disk(file), 'utf8');
    const uri = (file: string): vscode.Uri => uriOn(name, path(file));
    const ofTwin = (file: string): vscode.Uri => vscode.Uri.from({ scheme: setting.protocol, authority: twin, path: path(file) });
    let told: string[];

    async function edited(at: vscode.Uri, words: string): Promise<vscode.TextDocument> {
      const document = await vscode.workspace.openTextDocument(at);
      await typeText(document, words);
      return document;
    }

    before(async () => {
      told = takePlace();
      await saveHosts({ ...setting, name: twin });
      mkdirSync(disk(), { recursive: true });
    });

    after(async () => {
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
      await saveHosts();
    });

    for (const [how, other] of [
      ['another', 'second save\n'.repeat(400)],
      ['the same', 'other save\n'.repeat(400)],
    ] as const) {
      it(`tells one of two people who save at the same moment, content of ${how} size`, async () => {
        const both: string[] = [];
        let neither = 0;
        for (let round = 0; round < rounds / 2; round++) {
          const file = `${how} ${round}.txt`;
          writeFileSync(disk(file), 'theirs\n');
          const documents = await Promise.all([edited(uri(file), 'first save\n'.repeat(400)), edited(ofTwin(file), other)]);
          const saved = await Promise.all(documents.map((document) => document.save()));
          const now = text(file);
          assert.ok(['first save\n'.repeat(400), other].includes(now), `a mix in ${file}`);
          if (saved.every(Boolean)) both.push(file);
          else if (!saved.includes(true)) neither++;
          else assert.equal(now, documents[saved.indexOf(true)]?.getText());
        }
        const isTold = (file: string): boolean => told.some((message) => message.includes(file) && message.includes('somebody else'));
        await eventually(() =>
          assert.deepEqual(
            both.filter((file) => !isTold(file)),
            [],
          ),
        );
        console.log(`${mark}      ${rounds / 2} times: ${both.length} told a moment later, ${neither} told both`);
      });
    }

    it('is one file under the name of its host and under its address: never a mix, never silent', async () => {
      writeFileSync(disk('two names.txt'), 'theirs\n');
      const authority = `${setting.user}@${setting.address}:${setting.port}`;
      const named = await edited(uri('two names.txt'), 'by name\n');
      const addressed = await edited(uri('two names.txt').with({ authority }), 'by address\n');
      assert.equal(await named.save(), true);
      assert.equal(await addressed.save(), false);
      assert.deepEqual([text('two names.txt'), addressed.isDirty], ['by name\n', true]);
      await vscode.commands.executeCommand('ferry.conflict.overwrite', addressed.uri);
      assert.equal(text('two names.txt'), 'by address\n');
      await typeText(named, 'by name again\n');
      assert.equal(await named.save(), text('two names.txt') === 'by name again\n');
    });

    it('makes nothing anew where the file was renamed on the server', async () => {
      writeFileSync(disk('before.txt'), 'theirs\n');
      const document = await edited(uri('before.txt'), 'mine\n');
      renameSync(disk('before.txt'), disk('after.txt'));
      assert.equal(await document.save(), false);
      assert.deepEqual([document.isDirty, document.getText(), existsSync(disk('before.txt'))], [true, 'mine\n', false]);
      assert.equal(text('after.txt'), 'theirs\n');
    });

    it('keeps the text where the folder vanished, and saves it when the person says so', async () => {
      mkdirSync(disk('folder'));
      writeFileSync(disk('folder/file.txt'), 'theirs\n');
      const document = await edited(uri('folder/file.txt'), 'mine\n');
      rmSync(disk('folder'), { recursive: true });
      assert.equal(await document.save(), false);
      assert.deepEqual([document.isDirty, document.getText(), existsSync(disk('folder/file.txt'))], [true, 'mine\n', false]);
      await vscode.commands.executeCommand('ferry.conflict.overwrite', document.uri);
      assert.deepEqual([document.isDirty, text('folder/file.txt')], [false, 'mine\n']);
    });

    it('saves a document that two editors show once, and both show what was saved', async () => {
      writeFileSync(disk('split.txt'), 'theirs\n');
      const document = await vscode.workspace.openTextDocument(uri('split.txt'));
      const [left, right] = [
        await vscode.window.showTextDocument(document, vscode.ViewColumn.One),
        await vscode.window.showTextDocument(document, vscode.ViewColumn.Two),
      ];
      await left.edit((edit) => edit.insert(new vscode.Position(0, 0), 'left '));
      await right.edit((edit) => edit.insert(new vscode.Position(0, 0), 'right '));
      await Promise.all([left.document.save(), right.document.save()]);
      assert.deepEqual([text('split.txt'), document.isDirty], ['right left theirs\n', false]);
    });
  });
}
