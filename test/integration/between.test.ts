import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { demo, diskPath, saveHosts, uriOn, type DemoName } from './demo.ts';
import { takePlace } from './person.ts';

const { fs } = vscode.workspace;

/** A second name of the SFTP server: to VS Code and Ferry another host of the same protocol. */
const twin = 'twin-sftp';

function seed(name: DemoName, folder: string): void {
  const disk = (path: string): string => diskPath(name, `${folder}/${path}`);
  mkdirSync(disk('deep/er'), { recursive: true });
  writeFileSync(disk('file'), 'content');
  writeFileSync(disk('deep/er/big'), Buffer.alloc(300_000, 'x'));
  writeFileSync(disk('deep/empty'), '');
}

function assertWhole(name: DemoName, folder: string): void {
  assert.equal(readFileSync(diskPath(name, `${folder}/file`), 'utf8'), 'content');
  assert.equal(readFileSync(diskPath(name, `${folder}/deep/er/big`)).length, 300_000);
  assert.equal(readFileSync(diskPath(name, `${folder}/deep/empty`)).length, 0);
}

describe('between hosts', () => {
  before(async () => {
    takePlace();
    await saveHosts({ ...demo.hosts['demo-sftp'].setting, name: twin });
  });

  after(() => saveHosts());

  it('moves a tree to another host of the same protocol, links too, and removes the source last', async () => {
    seed('demo-sftp', '/between/source');
    symlinkSync('file', diskPath('demo-sftp', '/between/source/link'));
    await fs.rename(uriOn('demo-sftp', '/between/source'), vscode.Uri.parse(`sftp://${twin}/between/moved`));
    assertWhole('demo-sftp', '/between/moved');
    assert.equal(readFileSync(diskPath('demo-sftp', '/between/moved/link'), 'utf8'), 'content');
    assert.equal(existsSync(diskPath('demo-sftp', '/between/source')), false);
  });

  it('copies a tree to another host of the same protocol', async () => {
    seed('demo-sftp', '/between/original');
    await fs.copy(uriOn('demo-sftp', '/between/original'), vscode.Uri.parse(`sftp://${twin}/between/copy`));
    assertWhole('demo-sftp', '/between/copy');
    assertWhole('demo-sftp', '/between/original');
  });

  const pairs: [DemoName, DemoName][] = [
    ['demo-sftp', 'demo-ftp'],
    ['demo-ftp', 'demo-ftps'],
    ['demo-ftps', 'demo-ftps-implicit'],
    ['demo-ftps-implicit', 'demo-sftp'],
  ];
  for (const [from, to] of pairs) {
    it(`moves and copies a tree from ${from} to ${to}`, async () => {
      const name = `/between ${from} ${to}`;
      seed(from, name);
      await fs.copy(uriOn(from, name), uriOn(to, `${name} copied`));
      assertWhole(to, `${name} copied`);
      assertWhole(from, name);
      await fs.rename(uriOn(from, name), uriOn(to, `${name} moved`));
      assertWhole(to, `${name} moved`);
      assert.equal(existsSync(diskPath(from, name)), false);
    });
  }

  it('copies from the local disk to a server and back', async () => {
    const local = vscode.Uri.joinPath(vscode.workspace.workspaceFolders![0]!.uri, 'local');
    await fs.writeFile(vscode.Uri.joinPath(local, 'a', 'file'), new TextEncoder().encode('local'));
    await fs.copy(local, uriOn('demo-sftp', '/from local'));
    assert.equal(readFileSync(diskPath('demo-sftp', '/from local/a/file'), 'utf8'), 'local');
    const back = vscode.Uri.joinPath(vscode.workspace.workspaceFolders![0]!.uri, 'back');
    await fs.copy(uriOn('demo-sftp', '/from local'), back);
    assert.equal(new TextDecoder().decode(await fs.readFile(vscode.Uri.joinPath(back, 'a', 'file'))), 'local');
  });
});
