import assert from 'node:assert/strict';
import type { Check } from '../check.ts';
import { fails } from '../ground.ts';

export const listingTime = new Date('2021-03-04T05:06:07Z');

export const listingChecks: readonly Check[] = [
  {
    title: 'lists files, folders and dotfiles with kind and size',
    async run({ remote, folder, disk }) {
      disk.file('a.txt', 'twelve bytes');
      disk.file('.hidden', 'x');
      disk.file('empty');
      disk.makeFolder('folder');
      disk.makeFolder('.folder');
      const entries = await remote.list(folder);
      const seen = entries.map(({ name, kind, size }) => `${name} ${kind} ${kind === 'directory' ? 0 : size}`).sort();
      assert.deepEqual(seen, ['.folder directory 0', '.hidden file 1', 'a.txt file 12', 'empty file 0', 'folder directory 0']);
    },
  },
  {
    title: 'lists times in milliseconds UTC, or none',
    async run({ remote, folder, disk, server }) {
      disk.file('old', 'x', { mtime: listingTime });
      const [entry] = await remote.list(folder);
      assert.equal(entry?.mtime, server.quirks.noListMtime === true ? undefined : listingTime.getTime());
    },
  },
  {
    title: 'lists permission bits',
    unless: ({ quirks }) => (quirks.noMode === true ? 'the server gives no permission bits' : undefined),
    async run({ remote, folder, disk }) {
      disk.file('script', 'x', { mode: 0o750 });
      disk.makeFolder('folder', 0o711);
      const modes = Object.fromEntries((await remote.list(folder)).map(({ name, mode }) => [name, mode]));
      assert.deepEqual(modes, { script: 0o750, folder: 0o711 });
    },
  },
  {
    title: 'lists an empty folder as empty',
    async run({ remote, folder }) {
      assert.deepEqual(await remote.list(folder), []);
    },
  },
  {
    title: 'refuses to list what is not there: NotFound',
    async run({ remote, path }) {
      await fails(remote.list(path('missing')), 'NotFound', path('missing'));
      await fails(remote.list(path('missing', 'below')), 'NotFound', path('missing', 'below'));
    },
  },
  {
    title: 'refuses to list a file: NotADirectory',
    async run({ remote, disk, path }) {
      disk.file('file', 'x');
      await fails(remote.list(path('file')), 'NotADirectory', path('file'));
    },
  },
  {
    title: 'refuses to list a folder that is closed to it: Denied',
    needs: ['denied'],
    async run({ remote, disk, path }) {
      disk.makeFolder('closed', 0o000);
      await fails(remote.list(path('closed')), 'Denied', path('closed'));
    },
  },
  {
    title: 'lists 3,000 entries, each once',
    async run({ remote, folder, disk }) {
      const names = Array.from({ length: 3000 }, (_, i) => `entry number ${i} of a folder.txt`);
      for (const name of names) disk.file(name);
      const seen = (await remote.list(folder)).map(({ name }) => name);
      assert.equal(seen.length, names.length);
      assert.deepEqual(new Set(seen), new Set(names));
    },
  },
  {
    title: 'lists the root',
    async run({ remote, server }) {
      const entries = await remote.list('/');
      const top = server.rootOnServer.split('/')[1] ?? '';
      if (top !== '') assert.ok(entries.some(({ name, kind }) => name === top && kind !== 'file'));
      assert.ok(entries.every(({ name }) => name !== '.' && name !== '..'));
    },
  },
  {
    title: 'stats a file: kind, size, time, permission bits',
    async run({ remote, disk, path, server: { quirks } }) {
      disk.file('file', 'seven..', { mtime: listingTime, mode: 0o640 });
      for (const call of ['stat', 'lstat'] as const) {
        const attributes = await remote[call](path('file'));
        assert.equal(attributes.kind, 'file');
        assert.equal(attributes.size, 7);
        assert.equal(attributes.mtime, quirks.noMtime === true ? undefined : listingTime.getTime());
        if (quirks.noMode !== true) assert.equal(attributes.mode, 0o640);
      }
    },
  },
  {
    title: 'stats a folder, and the root',
    async run({ remote, disk, path }) {
      disk.makeFolder('folder');
      for (const each of [path('folder'), '/']) {
        assert.equal((await remote.stat(each)).kind, 'directory');
        assert.equal((await remote.lstat(each)).kind, 'directory');
      }
    },
  },
  {
    title: 'stats a file of more than 4 GB, and reads its end',
    async run({ remote, disk, path }) {
      const size = 5 * 2 ** 30;
      disk.sparseFile('large', size, 'end');
      assert.equal((await remote.stat(path('large'))).size, size);
      const seen: Uint8Array[] = [];
      await remote.read(path('large'), (chunk) => void seen.push(Buffer.from(chunk)), { offset: size - 3 });
      assert.equal(Buffer.concat(seen).toString(), 'end');
    },
  },
  {
    title: 'refuses to stat what is not there: NotFound',
    async run({ remote, disk, path }) {
      disk.file('file', 'x');
      for (const call of ['stat', 'lstat'] as const) {
        await fails(remote[call](path('missing')), 'NotFound', path('missing'));
        await fails(remote[call](path('missing', 'below')), 'NotFound', path('missing', 'below'));
        await fails(remote[call](path('file', 'below')), ['NotFound', 'NotADirectory'], path('file', 'below'));
      }
    },
  },
];
