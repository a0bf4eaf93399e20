import assert from 'node:assert/strict';
import type { Check } from '../check.ts';
import { fails, pattern, readAll, stream } from '../ground.ts';

const sizes: readonly (readonly [string, number])[] = [
  ['0 bytes', 0],
  ['1 byte', 1],
  ['10 KB', 10_240],
  ['5 MB', 5 * 2 ** 20],
];

export const writingChecks: readonly Check[] = [
  ...sizes.map(([title, size]): Check => ({
    title: `writes ${title}, from memory and from a stream`,
    needs: ['write'],
    async run({ remote, disk, path }) {
      const content = pattern(size);
      const progress: number[] = [];
      await remote.write(path('memory'), content, { disposition: 'create', onProgress: (bytes) => progress.push(bytes) });
      assert.ok(disk.read('memory').equals(content));
      assert.ok(progress.every((bytes, at) => bytes >= (progress[at - 1] ?? 0) && bytes <= size));
      await remote.write(path('stream'), stream(content), { disposition: 'create' });
      assert.ok(disk.read('stream').equals(content));
      // As a file of this computer is read: what is left of a piece when packets are cut out of it goes with the next.
      await remote.write(path('large'), stream(content, 512 * 1024), { disposition: 'create' });
      assert.ok(disk.read('large').equals(content));
    },
  })),
  {
    title: 'creates only what is not there: Exists',
    needs: ['write'],
    async run({ remote, disk, path }) {
      disk.file('file', 'precious');
      disk.makeFolder('folder');
      await fails(remote.write(path('file'), Buffer.from('new'), { disposition: 'create' }), 'Exists', path('file'));
      assert.equal(disk.read('file').toString(), 'precious');
      await fails(remote.write(path('folder'), Buffer.from('new'), { disposition: 'create' }), ['Exists', 'IsADirectory'], path('folder'));
    },
  },
  {
    title: 'writes over a file, shorter and longer',
    needs: ['write'],
    async run({ remote, disk, path }) {
      disk.file('file', pattern(100_000));
      for (const size of [5, 200_000, 0, 70_000]) {
        const content = pattern(size, size);
        await remote.write(path('file'), content, { disposition: 'truncate' });
        assert.ok(disk.read('file').equals(content), `${size} bytes`);
      }
      await remote.write(path('new'), Buffer.from('new'), { disposition: 'truncate' });
      assert.equal(disk.read('new').toString(), 'new');
    },
  },
  {
    title: 'keeps the identity and the permission bits of a file that it writes over',
    needs: ['write'],
    async run({ remote, disk, path }) {
      disk.file('file', 'old', { mode: 0o640 });
      const before = disk.stat('file');
      await remote.write(path('file'), Buffer.from('new'), { disposition: 'truncate' });
      const after = disk.stat('file');
      assert.equal(after?.ino, before?.ino);
      assert.equal(after?.mode, before?.mode);
    },
  },
  {
    title: 'updates a file without truncating it first, shorter and longer',
    needs: ['write', 'update'],
    async run({ remote, disk, path }) {
      disk.file('file', pattern(100_000));
      const before = disk.stat('file');
      for (const size of [5, 200_000, 0, 70_000]) {
        const content = pattern(size, size);
        await remote.write(path('file'), size === 70_000 ? stream(content) : content, { disposition: 'update' });
        assert.ok(disk.read('file').equals(content), `${size} bytes`);
      }
      assert.equal(disk.stat('file')?.ino, before?.ino);
      await fails(remote.write(path('missing'), Buffer.from('x'), { disposition: 'update' }), 'NotFound', path('missing'));
      assert.equal(disk.exists('missing'), false);
    },
  },
  {
    title: 'goes on with a file that was written in part, within it and at its end',
    needs: ['write', 'resume'],
    async run({ remote, disk, path }) {
      const content = pattern(900_000);
      disk.file('file', content.subarray(0, 300_000));
      for (const offset of [300_000, 250_000, 1]) {
        await remote.resume!(path('file'), offset, offset === 1 ? content.subarray(1) : stream(content.subarray(offset)));
        assert.ok(disk.read('file').equals(content), `from ${offset}`);
      }
    },
  },
  {
    title: 'creates a file with the permission bits it is told',
    needs: ['write', 'chmod'],
    async run({ remote, disk, path }) {
      await remote.write(path('secret'), Buffer.from('x'), { disposition: 'create', mode: 0o600 });
      assert.equal(Number(disk.stat('secret')?.mode) & 0o777, 0o600);
    },
  },
  {
    title: 'refuses to write where there is no folder: NotFound',
    needs: ['write'],
    async run({ remote, path }) {
      for (const disposition of ['create', 'truncate'] as const) {
        await fails(remote.write(path('missing', 'file'), Buffer.from('x'), { disposition }), 'NotFound', path('missing', 'file'));
      }
    },
  },
  {
    title: 'refuses to write over a folder: IsADirectory',
    needs: ['write'],
    async run({ remote, disk, path }) {
      disk.makeFolder('folder');
      disk.file('folder/file', 'x');
      await fails(remote.write(path('folder'), Buffer.from('x'), { disposition: 'truncate' }), 'IsADirectory', path('folder'));
      assert.deepEqual(disk.names('folder'), ['file']);
    },
  },
  {
    title: 'refuses to write what is closed to it: Denied',
    needs: ['write', 'denied'],
    async run({ remote, disk, path }) {
      disk.file('file', 'old', { mode: 0o444 });
      await fails(remote.write(path('file'), Buffer.from('new'), { disposition: 'truncate' }), 'Denied', path('file'));
      assert.equal(disk.read('file').toString(), 'old');
      disk.makeFolder('closed', 0o555);
      await fails(remote.write(path('closed', 'new'), Buffer.from('new'), { disposition: 'create' }), 'Denied', path('closed', 'new'));
      assert.deepEqual(disk.names('closed'), []);
    },
  },
  {
    title: 'fails when the source fails, and goes on working',
    needs: ['write'],
    async run({ remote, path, connect }) {
      async function* broken(): AsyncGenerator<Uint8Array> {
        yield await Promise.resolve(pattern(100_000));
        throw new Error('the local file could not be read');
      }
      await assert.rejects(remote.write(path('file'), broken(), { disposition: 'create' }));
      const next = await connect();
      await next.write(path('file'), Buffer.from('whole'), { disposition: 'truncate' });
      assert.equal((await readAll(next, path('file'))).toString(), 'whole');
    },
  },
  {
    title: 'reads at once what it wrote',
    needs: ['write'],
    async run({ remote, path }) {
      for (let round = 0; round < 10; round++) {
        const content = pattern(1000 + round, round);
        await remote.write(path('file'), content, { disposition: 'truncate' });
        assert.ok((await readAll(remote, path('file'))).equals(content));
        assert.equal((await remote.stat(path('file'))).size, content.length);
      }
    },
  },
  {
    title: 'never reports a write as done that the disk had no room for',
    needs: ['write'],
    unless: () => (process.getuid?.() === 0 ? undefined : 'only root can make a small disk'),
    async run({ remote, disk, path, server }) {
      disk.makeFolder('small');
      await disk.withSmallDisk('small', async () => {
        const failed = fails(remote.write(path('small', 'file'), pattern(3 * 2 ** 20), { disposition: 'create' }), [
          'NoSpace',
          'Lost',
          'Unknown',
          'Denied',
        ]);
        const error = await failed;
        if (server.host.protocol === 'sftp' && remote.space !== undefined) assert.equal(error.code, 'NoSpace', error.message);
      });
    },
  },
];
