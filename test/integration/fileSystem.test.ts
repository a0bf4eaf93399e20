import assert from 'node:assert/strict';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { watchTurns } from '../support/ownWork.ts';
import { demoNames, diskPath, uriOn } from './demo.ts';
import { takePlace } from './person.ts';

const { fs } = vscode.workspace;
const { File, Directory, SymbolicLink, Unknown } = vscode.FileType;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const refused = (code: string) => (error: unknown) => error instanceof vscode.FileSystemError && error.code === code;

for (const name of demoNames) {
  describe(`file system: ${name}`, () => {
    const work = `/work ${name} äö#%`;
    const uri = (path: string): vscode.Uri => uriOn(name, path === '' ? work : `${work}/${path}`);
    const disk = (path: string): string => diskPath(name, `${work}/${path}`);

    before(async () => {
      takePlace();
      await fs.createDirectory(uri(''));
    });

    it('lists what the server holds, links and dotfiles too', async () => {
      mkdirSync(disk('list/folder'), { recursive: true });
      writeFileSync(disk('list/.dot'), 'x');
      symlinkSync('folder', disk('list/toFolder'));
      symlinkSync('.dot', disk('list/toFile'));
      symlinkSync('nowhere', disk('list/broken'));
      const entries = new Map(await fs.readDirectory(uri('list')));
      assert.equal(entries.get('folder'), Directory);
      assert.equal(entries.get('.dot'), File);
      assert.equal(entries.get('toFolder'), SymbolicLink | Directory);
      assert.equal(entries.get('toFile'), SymbolicLink | File);
      assert.equal(entries.get('broken'), SymbolicLink | Unknown);
      assert.equal((await fs.stat(uri('list/toFile'))).type, SymbolicLink | File);
    });

    it('tells size and time as they are', async () => {
      writeFileSync(disk('stat.txt'), '12345');
      const stat = await fs.stat(uri('stat.txt'));
      assert.equal(stat.type, File);
      assert.equal(stat.size, 5);
      assert.ok(Math.abs(stat.mtime - lstatSync(disk('stat.txt')).mtimeMs) < 60_000, `mtime ${stat.mtime}`);
    });

    it('fails with the exact codes', async () => {
      await fs.createDirectory(uri('codes/full'));
      await fs.writeFile(uri('codes/full/file'), bytes('x'));
      await assert.rejects(async () => fs.stat(uri('codes/none')), refused('FileNotFound'));
      await assert.rejects(async () => fs.readFile(uri('codes/none')), refused('FileNotFound'));
      await assert.rejects(async () => fs.readDirectory(uri('codes/none')), refused('FileNotFound'));
      await assert.rejects(async () => fs.readDirectory(uri('codes/full/file')), refused('FileNotADirectory'));
      await assert.rejects(async () => fs.readFile(uri('codes/full')), refused('FileIsADirectory'));
      await assert.rejects(async () => fs.delete(uri('codes/none')), refused('FileNotFound'));
      await assert.rejects(async () => fs.delete(uri('codes/full'), { recursive: false }));
      await assert.rejects(async () => fs.rename(uri('codes/none'), uri('codes/other')), refused('FileNotFound'));
      await assert.rejects(async () => fs.rename(uri('codes/full/file'), uri('codes/full'), { overwrite: false }), refused('FileExists'));
    });

    it('reads and writes 0, 1 and 5,000,000 bytes unchanged', async () => {
      for (const size of [0, 1, 5_000_000]) {
        const content = new Uint8Array(size).map((_, index) => (index * 31) % 251);
        await fs.writeFile(uri(`size${size}`), content);
        assert.ok(Buffer.from(content).equals(readFileSync(disk(`size${size}`))));
        assert.ok(Buffer.from(content).equals(await fs.readFile(uri(`size${size}`))));
      }
    });

    it('leaves nothing beside a saved file', async () => {
      await fs.createDirectory(uri('clean'));
      for (const text of ['one', 'two', 'three']) await fs.writeFile(uri('clean/file'), bytes(text));
      assert.deepEqual(readdirSync(disk('clean')), ['file']);
      assert.equal(readFileSync(disk('clean/file'), 'utf8'), 'three');
    });

    it('writes through a link and leaves it a link', async () => {
      writeFileSync(disk('target.txt'), 'old');
      symlinkSync('target.txt', disk('link.txt'));
      await fs.writeFile(uri('link.txt'), bytes('new'));
      assert.ok(lstatSync(disk('link.txt')).isSymbolicLink());
      assert.equal(readFileSync(disk('target.txt'), 'utf8'), 'new');
    });

    it('renames files and folders, over an existing file only when asked', async () => {
      await fs.writeFile(uri('move/a/file'), bytes('a'));
      await fs.rename(uri('move/a'), uri('move/b'));
      assert.deepEqual(readdirSync(disk('move')), ['b']);
      await fs.writeFile(uri('move/other'), bytes('other'));
      await fs.rename(uri('move/b/file'), uri('move/other'), { overwrite: true });
      assert.equal(readFileSync(disk('move/other'), 'utf8'), 'a');
    });

    it('copies files and folders', async () => {
      await fs.writeFile(uri('copy/a/deep/file'), bytes('content'));
      await fs.copy(uri('copy/a'), uri('copy/b'));
      assert.equal(readFileSync(disk('copy/b/deep/file'), 'utf8'), 'content');
      assert.equal(readFileSync(disk('copy/a/deep/file'), 'utf8'), 'content');
      await fs.copy(uri('copy/a/deep/file'), uri('copy/twin'));
      assert.equal(readFileSync(disk('copy/twin'), 'utf8'), 'content');
    });

    it('deletes a tree, and of a link only the link', async () => {
      await fs.writeFile(uri('tree/a/b/file'), bytes('x'));
      mkdirSync(disk('kept'));
      writeFileSync(disk('kept/file'), 'kept');
      symlinkSync('../kept', disk('tree/link'));
      await fs.delete(uri('tree'), { recursive: true });
      assert.equal(existsSync(disk('tree')), false);
      assert.equal(readFileSync(disk('kept/file'), 'utf8'), 'kept');
    });

    it('lists 20,000 entries while the extension host goes on', async function () {
      this.timeout(120_000);
      mkdirSync(disk('large'));
      for (let n = 0; n < 20_000; n += 1) writeFileSync(disk(`large/${n}`), '');
      const { result, longest } = await watchTurns(async () => fs.readDirectory(uri('large')));
      assert.equal(result.length, 20_000);
      assert.ok(longest < 1000, 'longest work without a turn of the event loop, in ms');
    });

    it('reads and writes 100 MB while the extension host goes on', async function () {
      this.timeout(180_000);
      const content = Buffer.alloc(100 * 1024 * 1024, 'ferry ');
      const { result, longest } = await watchTurns(async () => {
        await fs.writeFile(uri('100MB'), content);
        return fs.readFile(uri('100MB'));
      });
      assert.ok(content.equals(result));
      assert.ok(longest < 1000, 'longest work without a turn of the event loop, in ms');
      await fs.delete(uri('100MB'));
    });
  });
}
