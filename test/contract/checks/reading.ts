import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import type { Check } from '../check.ts';
import { fails, pattern, readAll } from '../ground.ts';

const sizes: readonly (readonly [string, number])[] = [
  ['0 bytes', 0],
  ['1 byte', 1],
  ['10 KB', 10_240],
  ['5 MB', 5 * 2 ** 20],
];

export const readingChecks: readonly Check[] = [
  ...sizes.map(([title, size]): Check => ({
    title: `reads ${title}, exactly`,
    async run({ remote, disk, path }) {
      const content = pattern(size);
      disk.file('file', content);
      const progress: number[] = [];
      const seen = await readAll(remote, path('file'), { onProgress: (bytes) => progress.push(bytes) });
      assert.ok(seen.equals(content), `${seen.length} bytes came, or other ones`);
      assert.ok(progress.every((bytes, at) => bytes >= (progress[at - 1] ?? 0) && bytes <= size));
      if (size > 0) assert.equal(progress.at(-1), size);
    },
  })),
  {
    title: 'lends chunks that stay as they are until the sink is done with them',
    async run({ remote, disk, path }) {
      const content = pattern(5 * 2 ** 20);
      disk.file('file', content);
      const copies: Buffer[] = [];
      const take = async (chunk: Uint8Array): Promise<void> => {
        const copy = Buffer.from(chunk);
        await turn();
        assert.ok(copy.equals(chunk), 'a chunk changed while the sink had it');
        copies.push(copy);
      };
      assert.equal(await remote.read(path('file'), take, { lent: true }), content.length);
      assert.ok(Buffer.concat(copies).equals(content));
    },
  },
  {
    title: 'reads a part',
    async run({ remote, disk, path }) {
      const content = pattern(300_000);
      disk.file('file', content);
      const part = async (offset?: number, length?: number): Promise<Buffer> => readAll(remote, path('file'), { offset, length });
      assert.ok((await part(100_000, 70_000)).equals(content.subarray(100_000, 170_000)), 'in the middle');
      assert.ok((await part(undefined, 10)).equals(content.subarray(0, 10)), 'the start');
      assert.ok((await part(299_990)).equals(content.subarray(299_990)), 'the end');
      assert.ok((await part(299_990, 1000)).equals(content.subarray(299_990)), 'beyond the end');
      assert.equal((await part(300_000)).length, 0, 'at the end');
      assert.equal((await part(5, 0)).length, 0, 'nothing');
      assert.ok((await readAll(remote, path('file'))).equals(content), 'all, afterwards');
    },
  },
  {
    title: 'waits for the reader, chunk by chunk, in order',
    async run({ remote, disk, path }) {
      const content = pattern(400_000);
      disk.file('file', content);
      let at = 0;
      let busy = false;
      await remote.read(path('file'), async (chunk) => {
        assert.equal(busy, false, 'two chunks at once');
        busy = true;
        await turn();
        assert.ok(Buffer.from(chunk).equals(content.subarray(at, at + chunk.length)));
        at += chunk.length;
        busy = false;
      });
      assert.equal(at, content.length);
    },
  },
  {
    title: 'survives a reader that fails',
    async run({ remote, disk, path, connect }) {
      const content = pattern(2 ** 20);
      disk.file('file', content);
      const failed = remote.read(path('file'), () => {
        throw new Error('the local disk is full');
      });
      await assert.rejects(failed);
      assert.ok((await readAll(await connect(), path('file'))).equals(content));
    },
  },
  {
    title: 'reads an update of the file, not an older one',
    async run({ remote, disk, path }) {
      disk.file('file', 'first');
      assert.equal((await readAll(remote, path('file'))).toString(), 'first');
      disk.file('file', 'then longer');
      assert.equal((await readAll(remote, path('file'))).toString(), 'then longer');
      assert.equal((await remote.stat(path('file'))).size, 11);
    },
  },
  {
    title: 'refuses to read what is not there: NotFound',
    async run({ remote, path }) {
      await fails(readAll(remote, path('missing')), 'NotFound', path('missing'));
      await fails(readAll(remote, path('missing', 'below')), 'NotFound', path('missing', 'below'));
    },
  },
  {
    title: 'refuses to read a folder: IsADirectory',
    async run({ remote, disk, path }) {
      disk.makeFolder('folder');
      await fails(readAll(remote, path('folder')), 'IsADirectory', path('folder'));
    },
  },
  {
    title: 'refuses to read what is closed to it: Denied',
    needs: ['denied'],
    async run({ remote, disk, path }) {
      disk.file('closed', 'secret', { mode: 0o000 });
      await fails(readAll(remote, path('closed')), 'Denied', path('closed'));
    },
  },
];
