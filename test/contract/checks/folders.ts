import assert from 'node:assert/strict';
import type { Check } from '../check.ts';
import { fails } from '../ground.ts';

export const folderChecks: readonly Check[] = [
  {
    title: 'makes a folder',
    needs: ['write'],
    async run({ remote, disk, path }) {
      await remote.mkdir(path('folder'));
      await remote.mkdir(path('folder', 'below'));
      assert.ok(disk.stat('folder/below')?.isDirectory());
    },
  },
  {
    title: 'refuses to make a folder where anything is: Exists',
    needs: ['write'],
    async run({ remote, disk, path }) {
      disk.makeFolder('folder');
      disk.file('folder/file', 'x');
      disk.file('file', 'x');
      await fails(remote.mkdir(path('folder')), 'Exists', path('folder'));
      await fails(remote.mkdir(path('file')), 'Exists', path('file'));
      assert.deepEqual(disk.names('folder'), ['file']);
    },
  },
  {
    title: 'refuses to make a folder below what is not there: NotFound',
    needs: ['write'],
    async run({ remote, path }) {
      await fails(remote.mkdir(path('missing', 'folder')), 'NotFound', path('missing', 'folder'));
    },
  },
  {
    title: 'refuses to make or remove in a folder that is closed to it: Denied',
    needs: ['write', 'denied'],
    async run({ remote, disk, path }) {
      disk.makeFolder('closed');
      disk.file('closed/file', 'x');
      disk.makeFolder('closed/folder');
      disk.chmod('closed', 0o555);
      await fails(remote.mkdir(path('closed', 'new')), 'Denied', path('closed', 'new'));
      await fails(remote.unlink(path('closed', 'file')), 'Denied', path('closed', 'file'));
      await fails(remote.rmdir(path('closed', 'folder')), 'Denied', path('closed', 'folder'));
      await fails(remote.rename(path('closed', 'file'), path('closed', 'other'), { replace: false }), 'Denied');
      assert.deepEqual(disk.names('closed'), ['file', 'folder']);
    },
  },
  {
    title: 'removes a file',
    needs: ['write'],
    async run({ remote, disk, path }) {
      disk.file('file', 'x');
      disk.file('other', 'x');
      await remote.unlink(path('file'));
      assert.deepEqual(disk.names(), ['other']);
      await fails(remote.unlink(path('file')), 'NotFound', path('file'));
    },
  },
  {
    title: 'removes no folder as if it were a file: IsADirectory',
    needs: ['write'],
    async run({ remote, disk, path }) {
      disk.makeFolder('empty');
      disk.makeFolder('full');
      disk.file('full/file', 'x');
      await fails(remote.unlink(path('empty')), 'IsADirectory', path('empty'));
      await fails(remote.unlink(path('full')), 'IsADirectory', path('full'));
      assert.deepEqual(disk.names(), ['empty', 'full']);
    },
  },
  {
    title: 'removes an empty folder',
    needs: ['write'],
    async run({ remote, disk, path }) {
      disk.makeFolder('folder');
      await remote.rmdir(path('folder'));
      assert.equal(disk.exists('folder'), false);
      await fails(remote.rmdir(path('folder')), 'NotFound', path('folder'));
    },
  },
  {
    title: 'removes no folder that holds something: NotEmpty',
    needs: ['write'],
    async run({ remote, disk, path }) {
      disk.makeFolder('folder');
      disk.file('folder/.hidden', 'x');
      await fails(remote.rmdir(path('folder')), 'NotEmpty', path('folder'));
      assert.deepEqual(disk.names('folder'), ['.hidden']);
    },
  },
  {
    title: 'removes no file as if it were a folder: NotADirectory',
    needs: ['write'],
    async run({ remote, disk, path }) {
      disk.file('file', 'x');
      await fails(remote.rmdir(path('file')), 'NotADirectory', path('file'));
      assert.equal(disk.read('file').toString(), 'x');
    },
  },
  {
    title: 'says plainly that a read-only server takes no change',
    needs: ['readOnly'],
    async run({ remote, disk, path }) {
      disk.file('file', 'old');
      disk.makeFolder('folder');
      const refusals = [
        async () => remote.write(path('new'), Buffer.from('x'), { disposition: 'create' }),
        async () => remote.write(path('file'), Buffer.from('x'), { disposition: 'truncate' }),
        async () => remote.mkdir(path('new')),
        async () => remote.unlink(path('file')),
        async () => remote.rmdir(path('folder')),
        async () => remote.rename(path('file'), path('other'), { replace: true }),
      ];
      for (const refusal of refusals) await fails(refusal(), ['Denied', 'Unsupported']);
      assert.deepEqual(disk.names(), ['file', 'folder']);
      assert.equal(disk.read('file').toString(), 'old');
    },
  },
];
