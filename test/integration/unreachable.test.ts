import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { startFaultyProxy, type FaultyProxy } from '../servers/faultyProxy.ts';
import { demo, diskPath, saveHosts, type DemoName } from './demo.ts';
import { takePlace } from './person.ts';

for (const name of ['demo-sftp', 'demo-ftps'] satisfies DemoName[]) {
  describe(`documents on a bad line: ${name}`, () => {
    const { setting } = demo.hosts[name];
    const far = `far-${name}`;
    let proxy: FaultyProxy;

    const uriOfFar = (file: string): vscode.Uri =>
      vscode.Uri.from({ scheme: setting.protocol, authority: far, path: `/documents/${file}` });

    before(async () => {
      takePlace();
      mkdirSync(diskPath(name, '/documents'), { recursive: true });
      proxy = await startFaultyProxy({ port: setting.port });
      await saveHosts({ ...setting, name: far, port: proxy.port });
    });

    after(async () => {
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
      await proxy.close();
      await saveHosts();
    });

    for (const kind of ['cut', 'reset'] as const) {
      it(`reconnects after a ${kind} without a word, and saves`, async () => {
        const file = diskPath(name, `/documents/${kind}.txt`);
        writeFileSync(file, 'old');
        const uri = uriOfFar(`${kind}.txt`);
        await vscode.workspace.fs.readFile(uri);
        proxy.strike(kind);
        await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode('new'));
        assert.equal(readFileSync(file, 'utf8'), 'new');
      });
    }

    it('says that a save failed when the server is gone, leaves the file whole and the document dirty, and saves when it is back', async () => {
      const file = diskPath(name, '/documents/gone.txt');
      writeFileSync(file, 'old');
      const document = await vscode.workspace.openTextDocument(uriOfFar('gone.txt'));
      const edit = new vscode.WorkspaceEdit();
      edit.insert(document.uri, new vscode.Position(0, 0), 'new ');
      await vscode.workspace.applyEdit(edit);
      const { port } = proxy;
      await proxy.close();
      assert.equal(await document.save(), false);
      assert.equal(document.isDirty, true);
      assert.equal(readFileSync(file, 'utf8'), 'old');
      proxy = await startFaultyProxy({ port: setting.port });
      assert.notEqual(proxy.port, port);
      await saveHosts({ ...setting, name: far, port: proxy.port });
      assert.equal(await document.save(), true);
      assert.equal(readFileSync(file, 'utf8'), 'new old');
    });
  });
}

describe('hosts that are none', () => {
  const unavailable = (error: unknown): boolean => error instanceof vscode.FileSystemError && error.code === 'Unavailable';

  it('fails at once, in words, for a name that does not exist', async () => {
    await assert.rejects(
      async () => vscode.workspace.fs.readDirectory(vscode.Uri.parse('sftp://no-such-host.invalid/')),
      (error: unknown) => unavailable(error) && error instanceof Error && error.message.includes('no-such-host.invalid'),
    );
  });

  it('fails at once where nothing listens', async () => {
    await assert.rejects(async () => vscode.workspace.fs.stat(vscode.Uri.parse('ftp://127.0.0.1:1/x')), unavailable);
  });
});
