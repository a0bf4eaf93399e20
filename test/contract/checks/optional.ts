import assert from 'node:assert/strict';
import { readlinkSync } from 'node:fs';
import { save } from '../../../src/core/operations/save.ts';
import { makeFolders } from '../../../src/core/operations/tree.ts';
import { resolveTarget } from '../../../src/core/path.ts';
import { memoryJournal } from '../../support/memoryJournal.ts';
import type { Check } from '../check.ts';
import { fails, pattern } from '../ground.ts';
import { listingTime } from './listing.ts';

export const optionalChecks: readonly Check[] = [
  {
    title: 'changes permission bits',
    needs: ['write', 'chmod'],
    async run({ remote, disk, path }) {
      disk.file('file', 'x');
      disk.makeFolder('folder');
      await remote.chmod?.(path('file'), 0o751);
      await remote.chmod?.(path('folder'), 0o700);
      assert.equal(Number(disk.stat('file')?.mode) & 0o7777, 0o751);
      assert.equal(Number(disk.stat('folder')?.mode) & 0o7777, 0o700);
      await fails(remote.chmod?.(path('missing'), 0o600) ?? Promise.resolve(), 'NotFound', path('missing'));
    },
  },
  {
    title: 'gives what is new the permissions that are asked for, and leaves what is there its own',
    needs: ['write', 'chmod'],
    async run({ remote, disk, path }) {
      const modeOf = (name: string) => (Number(disk.stat(name)?.mode) & 0o777).toString(8);
      const saving = { create: true, overwrite: true, journal: memoryJournal(), saveMode: 'auto', profile: {}, learn() {} } as const;
      await makeFolders(remote, path('new', 'deep'), { mode: 0o775 });
      await save(remote, path('new', 'open'), pattern(10), { ...saving, newMode: 0o666 });
      await save(remote, path('new', 'closed'), pattern(10), { ...saving, newMode: 0o600 });
      assert.deepEqual(['new', 'new/deep', 'new/open', 'new/closed'].map(modeOf), ['775', '775', '666', '600']);
      disk.file('old', 'x', { mode: 0o640 });
      disk.makeFolder('folder', 0o750);
      await save(remote, path('old'), pattern(10), { ...saving, newMode: 0o666 });
      await makeFolders(remote, path('folder'), { mode: 0o775 });
      assert.deepEqual(['old', 'folder'].map(modeOf), ['640', '750']);
    },
  },
  {
    title: 'changes the group',
    needs: ['write', 'chgrp'],
    async run({ remote, disk, path }) {
      disk.file('file', 'x', { mode: 0o640 });
      const group = (await remote.stat(path('file'))).group;
      assert.notEqual(group, undefined);
      await remote.chgrp?.(path('file'), group ?? '');
      assert.equal(Number(disk.stat('file')?.mode) & 0o7777, 0o640);
    },
  },
  {
    title: 'sets the time of a file',
    needs: ['write', 'setMtime'],
    async run({ remote, disk, path }) {
      disk.file('file', 'x');
      await remote.setMtime?.(path('file'), listingTime.getTime());
      assert.equal(Math.floor(Number(disk.stat('file')?.mtimeMs)), listingTime.getTime());
      assert.equal(disk.read('file').toString(), 'x');
    },
  },
  {
    title: 'reads what a link holds',
    needs: ['readLink', 'links'],
    async run({ remote, disk, path }) {
      disk.link('some/where else', 'relative');
      disk.file('file', 'x');
      const held = (await remote.readLink?.(path('relative'))) ?? '';
      assert.equal(resolveTarget(path('relative'), held), path('some', 'where else'));
      await assert.rejects(async () => remote.readLink?.(path('file')));
      await fails(remote.readLink?.(path('missing')) ?? Promise.resolve(), 'NotFound', path('missing'));
    },
  },
  {
    title: 'makes a link, the right way round',
    needs: ['write', 'symlink', 'links'],
    async run({ remote, disk, path }) {
      disk.file('target', 'x');
      await remote.symlink?.('target', path('link'));
      assert.deepEqual(disk.names(), ['link', 'target']);
      assert.equal(readlinkSync(disk.pathOf('link')), 'target');
      await fails(remote.symlink?.('other', path('target')) ?? Promise.resolve(), 'Exists', path('target'));
    },
  },
  {
    title: 'copies a file on the server',
    needs: ['write', 'copyOnServer'],
    async run({ remote, disk, path }) {
      const content = pattern(2 ** 20);
      disk.file('file', content);
      disk.file('empty');
      await remote.copyOnServer?.(path('file'), path('copy'));
      assert.ok(disk.read('copy').equals(content));
      await remote.copyOnServer?.(path('empty'), path('empty copy'));
      assert.equal(disk.read('empty copy').length, 0);
      await fails(remote.copyOnServer?.(path('empty'), path('copy')) ?? Promise.resolve(), 'Exists', path('copy'));
      assert.ok(disk.read('copy').equals(content));
      await fails(remote.copyOnServer?.(path('missing'), path('new')) ?? Promise.resolve(), 'NotFound');
      assert.equal(disk.exists('new'), false);
    },
  },
  {
    title: 'tells the space that is left',
    needs: ['space'],
    async run({ remote, folder }) {
      assert.ok(Number(await remote.space?.(folder)) > 0);
    },
  },
];
