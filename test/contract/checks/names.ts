import assert from 'node:assert/strict';
import type { TestServer } from '../../servers/server.ts';
import type { Check } from '../check.ts';
import { readAll, type Ground } from '../ground.ts';

/** Names that break what joins paths, quotes words or parses listings carelessly. */
const awkwardNames: readonly string[] = [
  'a space',
  ' space before',
  'space after ',
  '  two  spaces  ',
  "it's",
  '"quoted"',
  '[brackets]',
  'star*',
  'question?',
  '#hash',
  'per%cent',
  '%2e%2e',
  'semi;colon',
  '-rf',
  '--',
  '~',
  '~tilde',
  '$HOME',
  '`backticks`',
  'amp&ersand',
  'back\\slash',
  'arrow -> name',
  'a=b;c=d; e',
  'pipe|less<than>',
  'colon:name',
  '...',
  '..double',
  'trailing.',
  'tab\tinside',
  'control\u0001inside',
  'naïve café',
  'nai\u0308ve',
  'ÄÖÜ ß',
  'ÿ',
  '日本語',
  'العربية',
  'emoji 🚢',
  '-rw-r--r-- 1 a b 5 Jan 1 2020 fake',
  'x'.repeat(255),
];

export const nameChecks: readonly Check[] = [...awkwardNames.map(nameCheck), invalidNames()];

function nameCheck(name: string): Check {
  const shown = name.length > 40 ? `${name.slice(0, 3)}… (${name.length} characters)` : JSON.stringify(name);
  return {
    title: `carries the name ${shown}`,
    unless: (server) => server.quirks.cannotHold?.(name) ?? outsideCharset(name, server),
    async run(ground) {
      const { disk, remote, folder, path, server } = ground;
      disk.file(name, 'content');
      assert.deepEqual(
        (await remote.list(folder)).map((entry) => entry.name),
        [name],
      );
      assert.equal((await remote.stat(path(name))).size, 7);
      assert.equal((await readAll(remote, path(name))).toString(), 'content');
      if (server.quirks.readOnly !== true) await changeNames(ground, name);
    },
  };
}

async function changeNames({ disk, remote, path }: Ground, name: string): Promise<void> {
  await remote.mkdir(path('folder'));
  await remote.write(path('folder', name), Buffer.from('new'), { disposition: 'create' });
  assert.deepEqual(disk.names('folder'), [name]);
  await remote.rename(path(name), path('plain'), { replace: false });
  await remote.rename(path('plain'), path(name), { replace: false });
  assert.deepEqual(disk.names(), [name, 'folder'].sort());
  await remote.unlink(path(name));
  await remote.mkdir(path(name));
  assert.ok(disk.stat(name)?.isDirectory());
  await remote.rmdir(path(name));
  assert.deepEqual(disk.names(), ['folder']);
}

function outsideCharset(name: string, { host }: TestServer): string | undefined {
  const fits = host.charset === 'utf-8' || !/[^\u0000-\u00ff]/u.test(name);
  return fits ? undefined : `the host's charset ${host.charset} lacks a character of it`;
}

function invalidNames(): Check {
  return {
    title: 'carries names whose bytes are no UTF-8',
    unless: ({ host }) => (host.charset === 'utf-8' ? undefined : `names are in ${host.charset} here`),
    async run({ disk, remote, folder, path, server }) {
      const bytes = Buffer.from('caf\xe9 \xff\xfe.txt', 'latin1');
      disk.file(bytes, 'content');
      const [entry] = await remote.list(folder);
      const name = entry?.name ?? '';
      assert.ok(name.isWellFormed(), 'a lone surrogate would break the URI');
      assert.equal((await readAll(remote, path(name))).toString(), 'content');
      if (server.quirks.readOnly === true) return;
      await remote.write(path(name), Buffer.from('changed'), { disposition: 'truncate' });
      assert.equal(disk.read(bytes).toString(), 'changed');
      await remote.unlink(path(name));
      assert.equal(disk.exists(bytes), false);
    },
  };
}
