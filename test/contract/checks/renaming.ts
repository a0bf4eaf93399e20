import assert from 'node:assert/strict';
import { isRemoteError } from '../../../src/core/errors.ts';
import type { Check } from '../check.ts';
import { fails } from '../ground.ts';

export const renamingChecks: readonly Check[] = [
  {
    title: 'renames a file',
    needs: ['write'],
    async run({ remote, disk, path }) {
      disk.file('old', 'content');
      await remote.rename(path('old'), path('new'), { replace: false });
      await remote.rename(path('new'), path('newest'), { replace: true });
      assert.deepEqual(disk.names(), ['newest']);
      assert.equal(disk.read('newest').toString(), 'content');
    },
  },
  {
    title: 'renames a folder with all in it, also into another',
    needs: ['write'],
    async run({ remote, disk, path }) {
      disk.makeFolder('old');
      disk.makeFolder('old/below');
      disk.file('old/below/file', 'x');
      disk.makeFolder('elsewhere');
      await remote.rename(path('old'), path('elsewhere', 'new'), { replace: false });
      assert.deepEqual(disk.names(), ['elsewhere']);
      assert.deepEqual(disk.names('elsewhere/new/below'), ['file']);
    },
  },
  {
    title: 'renames in case only',
    needs: ['write'],
    async run({ remote, disk, path }) {
      disk.file('readme', 'x');
      await remote.rename(path('readme'), path('README'), { replace: false });
      assert.deepEqual(disk.names(), ['README']);
    },
  },
  {
    title: 'refuses to rename what is not there, and into a folder that is not there: NotFound',
    needs: ['write'],
    async run({ remote, disk, path }) {
      for (const replace of [false, true]) {
        await fails(remote.rename(path('missing'), path('new'), { replace }), 'NotFound', path('missing'));
        disk.file('file', 'x');
        await fails(remote.rename(path('file'), path('missing', 'new'), { replace }), 'NotFound');
        assert.deepEqual(disk.names(), ['file']);
      }
    },
  },
  {
    title: 'renames onto nothing that exists unless told to: Exists',
    needs: ['write'],
    async run({ remote, disk, path }) {
      disk.file('file', 'moving');
      disk.file('existing', 'precious');
      disk.makeFolder('folder');
      await fails(remote.rename(path('file'), path('existing'), { replace: false }), 'Exists');
      await fails(remote.rename(path('file'), path('folder'), { replace: false }), 'Exists');
      assert.deepEqual(disk.names(), ['existing', 'file', 'folder']);
      assert.equal(disk.read('existing').toString(), 'precious');
      assert.equal(disk.read('file').toString(), 'moving');
    },
  },
  {
    title: 'replaces a file when told to, or says that it can not',
    needs: ['write'],
    async run({ remote, disk, path }) {
      disk.file('new', 'new');
      disk.file('target', 'old');
      const renamed = await remote.rename(path('new'), path('target'), { replace: true }).then(
        () => true,
        (error: unknown) => {
          assert.ok(isRemoteError(error, 'Exists'), String(error));
          return false;
        },
      );
      if (remote.facts.atomicReplace) assert.ok(renamed, 'facts.atomicReplace says that it can');
      assert.deepEqual(disk.names(), renamed ? ['target'] : ['new', 'target']);
      assert.equal(disk.read('target').toString(), renamed ? 'new' : 'old');
    },
  },
  {
    title: 'replaces no folder that holds something',
    needs: ['write'],
    async run({ remote, disk, path }) {
      disk.file('file', 'x');
      disk.makeFolder('moving');
      disk.makeFolder('folder');
      disk.file('folder/file', 'precious');
      await fails(remote.rename(path('file'), path('folder'), { replace: true }), [
        'Exists',
        'IsADirectory',
        'NotEmpty',
        'Denied',
        'Unknown',
      ]);
      await fails(remote.rename(path('moving'), path('folder'), { replace: true }), [
        'Exists',
        'IsADirectory',
        'NotEmpty',
        'Denied',
        'Unknown',
      ]);
      assert.deepEqual(disk.names(), ['file', 'folder', 'moving']);
      assert.deepEqual(disk.names('folder'), ['file']);
    },
  },
  {
    title: 'loses nothing when something is renamed to its own name',
    needs: ['write'],
    async run({ remote, disk, path }) {
      disk.file('file', 'precious');
      for (const replace of [false, true]) {
        await remote.rename(path('file'), path('file'), { replace }).catch((error: unknown) => assert.ok(isRemoteError(error)));
        assert.equal(disk.read('file').toString(), 'precious');
      }
    },
  },
  {
    title: 'moves no folder into itself',
    needs: ['write'],
    async run({ remote, disk, path }) {
      disk.makeFolder('folder');
      disk.file('folder/file', 'x');
      await assert.rejects(remote.rename(path('folder'), path('folder', 'below'), { replace: false }), (error) => isRemoteError(error));
      assert.deepEqual(disk.names('folder'), ['file']);
    },
  },
];
