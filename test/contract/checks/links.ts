import assert from 'node:assert/strict';
import { isRemoteError } from '../../../src/core/errors.ts';
import type { Check } from '../check.ts';
import { fails, readAll } from '../ground.ts';

export const linkChecks: readonly Check[] = [
  {
    title: 'lists links as links, broken ones too',
    needs: ['links'],
    async run({ remote, folder, disk }) {
      disk.file('file', 'x');
      disk.makeFolder('folder');
      disk.link('file', 'to-file');
      disk.link('folder', 'to-folder');
      disk.link('nowhere', 'broken');
      disk.link('a -> b', 'with -> arrow');
      const entries = new Map((await remote.list(folder)).map((entry) => [entry.name, entry]));
      assert.deepEqual([...entries.keys()].sort(), ['broken', 'file', 'folder', 'to-file', 'to-folder', 'with -> arrow']);
      for (const [name, target] of [
        ['to-file', 'file'],
        ['to-folder', 'folder'],
        ['broken', 'nowhere'],
      ] as const) {
        assert.equal(entries.get(name)?.kind, 'symlink', name);
        const told = entries.get(name)?.target;
        assert.ok(told === undefined || told === target, name);
      }
    },
  },
  {
    title: 'stats what a link leads to, and the link itself',
    needs: ['links'],
    async run({ remote, disk, path }) {
      disk.file('file', 'twelve bytes');
      disk.makeFolder('folder');
      disk.link('file', 'to-file');
      disk.link('folder', 'to-folder');
      disk.link('to-file', 'twice');
      assert.deepEqual([(await remote.stat(path('to-file'))).kind, (await remote.stat(path('to-file'))).size], ['file', 12]);
      assert.equal((await remote.stat(path('twice'))).size, 12);
      assert.equal((await remote.stat(path('to-folder'))).kind, 'directory');
      for (const name of ['to-file', 'to-folder', 'twice']) assert.equal((await remote.lstat(path(name))).kind, 'symlink');
    },
  },
  {
    title: 'finds nothing behind a broken link, but the link',
    needs: ['links'],
    async run({ remote, disk, path }) {
      disk.link('nowhere', 'broken');
      disk.link('circle', 'circle');
      assert.equal((await remote.lstat(path('broken'))).kind, 'symlink');
      await fails(remote.stat(path('broken')), 'NotFound', path('broken'));
      await fails(readAll(remote, path('broken')), 'NotFound', path('broken'));
      assert.equal((await remote.lstat(path('circle'))).kind, 'symlink');
      await fails(remote.stat(path('circle')), ['NotFound', 'Unknown', 'BadPath'], path('circle'));
    },
  },
  {
    title: 'lists and reads through links',
    needs: ['followedLinks'],
    async run({ remote, disk, path }) {
      disk.makeFolder('folder');
      disk.file('folder/file', 'content');
      disk.link('folder', 'to-folder');
      disk.link('folder/file', 'to-file');
      assert.deepEqual(
        (await remote.list(path('to-folder'))).map(({ name }) => name),
        ['file'],
      );
      assert.equal((await readAll(remote, path('to-folder', 'file'))).toString(), 'content');
      assert.equal((await readAll(remote, path('to-file'))).toString(), 'content');
    },
  },
  {
    title: 'writes through a link and leaves it a link',
    needs: ['followedLinks', 'write'],
    async run({ remote, disk, path }) {
      disk.file('file', 'old');
      disk.link('file', 'to-file');
      await remote.write(path('to-file'), Buffer.from('new'), { disposition: 'truncate' });
      assert.equal(disk.read('file').toString(), 'new');
      assert.ok(disk.stat('to-file')?.isSymbolicLink());
    },
  },
  {
    title: 'removes a link, never what it leads to',
    needs: ['links', 'write'],
    async run({ remote, disk, path }) {
      disk.file('file', 'precious');
      disk.makeFolder('folder');
      disk.file('folder/file', 'precious');
      disk.link('file', 'to-file');
      disk.link('folder', 'to-folder');
      disk.link('nowhere', 'broken');
      for (const name of ['to-file', 'to-folder', 'broken']) await remote.unlink(path(name));
      assert.deepEqual(disk.names(), ['file', 'folder']);
      assert.deepEqual(disk.names('folder'), ['file']);
    },
  },
  {
    title: 'renames a link, never what it leads to',
    needs: ['links', 'write'],
    async run({ remote, disk, path }) {
      disk.file('file', 'precious');
      disk.link('file', 'to-file');
      for (const replace of [false, true]) {
        const renamed = await remote.rename(path('to-file'), path('moved'), { replace }).then(
          () => true,
          (error: unknown) => {
            assert.ok(isRemoteError(error, 'Unsupported'), String(error));
            return false;
          },
        );
        assert.deepEqual(disk.names(), renamed ? ['file', 'moved'] : ['file', 'to-file']);
        assert.ok(disk.stat('file')?.isFile());
        assert.ok(disk.stat(renamed ? 'moved' : 'to-file')?.isSymbolicLink());
        if (renamed) await remote.rename(path('moved'), path('to-file'), { replace });
      }
    },
  },
  {
    title: 'renames nothing onto a broken link unless told to: Exists',
    needs: ['links', 'write'],
    async run({ remote, disk, path }) {
      disk.file('file', 'x');
      disk.makeFolder('folder');
      disk.link('nowhere', 'broken');
      for (const name of ['file', 'folder']) await fails(remote.rename(path(name), path('broken'), { replace: false }), 'Exists');
      assert.deepEqual(disk.names(), ['broken', 'file', 'folder']);
      assert.ok(disk.stat('broken')?.isSymbolicLink());
    },
  },
  {
    title: 'removes no folder through a link to it',
    needs: ['links', 'write'],
    async run({ remote, disk, path }) {
      disk.makeFolder('folder');
      disk.link('folder', 'to-folder');
      await fails(remote.rmdir(path('to-folder')), 'NotADirectory', path('to-folder'));
      assert.deepEqual(disk.names(), ['folder', 'to-folder']);
    },
  },
  {
    title: 'creates no file through a broken link: Exists',
    needs: ['links', 'write'],
    unless: ({ quirks }) => (quirks.exclusiveCreate === true ? undefined : 'the server can not create exclusively'),
    async run({ remote, disk, path }) {
      disk.link('nowhere', 'broken');
      await fails(remote.write(path('broken'), Buffer.from('x'), { disposition: 'create' }), 'Exists', path('broken'));
      assert.equal(disk.exists('nowhere'), false);
    },
  },
];
