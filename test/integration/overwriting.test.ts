import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { type DemoName, diskPath, uriOn } from './demo.ts';
import { takePlace } from './person.ts';

const { fs } = vscode.workspace;

/** VS Code deletes what a move or copy is to replace before it asks for that move or copy. */
for (const name of ['demo-sftp', 'demo-ftp'] satisfies DemoName[]) {
  describe(`overwriting: ${name}`, () => {
    const uri = (path: string): vscode.Uri => uriOn(name, `/over/${path}`);
    const disk = (path: string): string => diskPath(name, `/over/${path}`);

    before(() => {
      takePlace();
      mkdirSync(disk('target/deep'), { recursive: true });
      writeFileSync(disk('target/deep/file'), 'old');
      writeFileSync(disk('file'), 'old');
      writeFileSync(disk('new'), 'new');
    });

    it('a target is there again after a move or copy that fails', async () => {
      await assert.rejects(async () => fs.rename(uri('none'), uri('target'), { overwrite: true }));
      await assert.rejects(async () => fs.copy(uri('none'), uri('target'), { overwrite: true }));
      await assert.rejects(async () => fs.rename(uri('none'), uri('file'), { overwrite: true }));
      assert.deepEqual(readdirSync(disk('')).sort(), ['file', 'new', 'target']);
      assert.equal(readFileSync(disk('target/deep/file'), 'utf8'), 'old');
      assert.equal(readFileSync(disk('file'), 'utf8'), 'old');
    });

    it('a folder and a file are replaced, and nothing is left of the old', async () => {
      await fs.copy(uri('new'), uri('target'), { overwrite: true });
      await fs.rename(uri('new'), uri('file'), { overwrite: true });
      assert.equal(readFileSync(disk('target'), 'utf8'), 'new');
      assert.equal(readFileSync(disk('file'), 'utf8'), 'new');
      for (let turn = 0; turn < 100 && readdirSync(disk('')).length > 2; turn += 1) await sleep(50);
      assert.deepEqual(readdirSync(disk('')).sort(), ['file', 'target']);
    });

    it('a file from elsewhere takes the place of one', async () => {
      const local = vscode.Uri.joinPath(vscode.workspace.workspaceFolders![0]!.uri, `from ${name}`);
      await fs.writeFile(local, new TextEncoder().encode('local'));
      await fs.copy(local, uri('file'), { overwrite: true });
      assert.equal(readFileSync(disk('file'), 'utf8'), 'local');
    });

    it('what a person deletes is gone at once, not set aside', async () => {
      mkdirSync(disk('folder/deep'), { recursive: true });
      const edit = new vscode.WorkspaceEdit();
      edit.deleteFile(uri('folder'), { recursive: true });
      assert.ok(await vscode.workspace.applyEdit(edit));
      assert.ok(!existsSync(disk('folder')));
      assert.deepEqual(
        readdirSync(disk('')).filter((each) => each.startsWith('.ferry-') && existsSync(disk(`${each}/deep`))),
        [],
      );
    });
  });
}
