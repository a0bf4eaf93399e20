import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isRemoteError, type RemoteErrorCode } from '../../../../src/core/errors.ts';
import { copyTree } from '../../../../src/core/operations/copyTree.ts';
import type { Remote } from '../../../../src/core/remote.ts';
import { diskPath } from '../../../../src/transport/local/diskPath.ts';
import { createLocalRemote } from '../../../../src/transport/local/localRemote.ts';
import { removeFolder, temporaryFolder } from '../../../servers/folder.ts';
import { MemoryRemote } from '../../../support/memoryRemote.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function refuses(code: RemoteErrorCode, act: Promise<unknown>): Promise<void> {
  await assert.rejects(act, (error) => isRemoteError(error, code));
}

describe('the disk of this computer', () => {
  let folder: string;
  let disk: Remote;
  const path = (...names: string[]): string => join(folder, ...names);

  beforeEach(() => {
    folder = temporaryFolder('local');
    disk = createLocalRemote();
    mkdirSync(path('full'));
    writeFileSync(path('full', 'file'), 'content');
    symlinkSync('file', path('full', 'link'));
  });

  afterEach(() => removeFolder(folder));

  it('lends chunks that stay as they are until the sink is done with them', async () => {
    const content = Buffer.from(Uint32Array.from({ length: 600_000 }, (_, index) => index).buffer);
    writeFileSync(path('large'), content);
    const copies: Buffer[] = [];
    const take = async (chunk: Uint8Array): Promise<void> => {
      const copy = Buffer.from(chunk);
      await wait(10);
      assert.ok(copy.equals(chunk), 'a chunk changed while the sink had it');
      copies.push(copy);
    };
    assert.equal(await disk.read(path('large'), take, { lent: true }), content.length);
    assert.ok(copies.length > 3 && Buffer.concat(copies).equals(content));
  });

  it('lists links as links, and tells no permissions', async () => {
    const entries = (await disk.list(path('full'))).toSorted((one, other) => (one.name < other.name ? -1 : 1));
    assert.deepEqual(
      entries.map(({ name, kind, size, mode, target }) => ({ name, kind, size, mode, target })),
      [
        { name: 'file', kind: 'file', size: 7, mode: undefined, target: undefined },
        { name: 'link', kind: 'symlink', size: 4, mode: undefined, target: 'file' },
      ],
    );
    assert.equal((await disk.stat(path('full', 'link'))).kind, 'file');
  });

  it('fails as Remote says', async () => {
    await refuses('NotFound', disk.list(path('nowhere')));
    await refuses('NotADirectory', disk.list(path('full', 'file')));
    await refuses('IsADirectory', disk.unlink(path('full')));
    await refuses('NotEmpty', disk.rmdir(path('full')));
    await refuses('Exists', disk.mkdir(path('full')));
    await refuses('Exists', disk.write(path('full', 'file'), bytes('x'), { disposition: 'create' }));
    await refuses('Exists', disk.write(path('full', 'link'), bytes('x'), { disposition: 'create' }));
    await refuses('NotFound', disk.write(path('full', 'none'), bytes('x'), { disposition: 'update' }));
    await refuses('Cancelled', disk.stat(path('full'), { signal: AbortSignal.abort() }));
    assert.equal(readFileSync(path('full', 'file'), 'utf8'), 'content');
  });

  it('renames over a file only where it is told to, and never over a folder', async () => {
    writeFileSync(path('new'), 'new');
    await refuses('Exists', disk.rename(path('new'), path('full', 'file'), { replace: false }));
    await refuses('Exists', disk.rename(path('new'), path('full'), { replace: true }));
    await disk.rename(path('new'), path('full', 'file'), { replace: true });
    assert.equal(readFileSync(path('full', 'file'), 'utf8'), 'new');
  });

  it('reads parts, and writes in place to the new length', async () => {
    const parts: Uint8Array[] = [];
    assert.equal(await disk.read(path('full', 'file'), (chunk) => void parts.push(chunk), { offset: 3, length: 2 }), 2);
    assert.equal(Buffer.concat(parts).toString(), 'te');
    await disk.write(path('full', 'file'), bytes('new'), { disposition: 'update' });
    assert.equal(readFileSync(path('full', 'file'), 'utf8'), 'new');
  });

  it('takes a tree from a server with its times, and gives it back', async () => {
    const server = new MemoryRemote();
    await copyTree(disk, server, path('full'), '/there');
    await server.setMtime?.('/there/file', 1_600_000_000_000);
    await copyTree(server, disk, '/there', path('back'));
    assert.equal(readFileSync(path('back', 'link'), 'utf8'), 'content');
    assert.equal((await disk.stat(path('back', 'file'))).mtime, 1_600_000_000_000);
  });
});

describe('a path on a disk', () => {
  it('is on Windows that of a drive', () => {
    assert.equal(diskPath('/c:/Users/me/a b.txt', 'win32'), 'c:\\Users\\me\\a b.txt');
    assert.equal(diskPath('/C:', 'win32'), 'C:\\');
    assert.equal(diskPath('/home/me/a:b\\c', 'linux'), '/home/me/a:b\\c');
  });

  it('is none on Windows where a name of a server would be something else there', () => {
    const names = ['..\\evil', 'a\\b', 'file:stream', 'what?', 'con', 'NUL.txt', 'com1', 'dot.', 'blank ', 'a\u0001', '"x"', 'a|b', '<x>'];
    for (const name of names)
      assert.throws(
        () => diskPath(`/c:/down/${name}`, 'win32'),
        (error) => isRemoteError(error, 'BadPath'),
        name,
      );
    assert.throws(() => diskPath('/home/me', 'win32'));
  });
});
