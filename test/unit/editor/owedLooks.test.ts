import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JournalPlace } from '../../../src/editor/journal.ts';
import { createOwedLooks, type SavedFile } from '../../../src/editor/owedLooks.ts';

const place: JournalPlace = { protocol: 'ftp', user: 'web', address: 'example.org', port: 21 };
const saved: SavedFile = {
  path: '/www/a "b.txt',
  version: { size: 5, mtime: 1000, hash: 'ab'.repeat(32) },
  time: 1234,
  content: Buffer.from('mine\n'),
};
/** Of a process that has ended. */
const dead = spawnSync(process.execPath, ['-e', '']).pid;

describe('looks that are owed', () => {
  let root: string;
  beforeEach(async () => (root = await mkdtemp(join(tmpdir(), 'ferry-looks-'))));
  afterEach(() => rm(root, { recursive: true, force: true }));

  const files = async (): Promise<string[]> =>
    (await readdir(root, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name));
  const takenBy = async (self: number, other = place): Promise<SavedFile[]> => [...(await createOwedLooks(root, self).take(other)).taken];

  it('are taken over from a process that has ended, once, with the content', async () => {
    await createOwedLooks(root, dead).owe(place, saved);
    const [one, another] = [createOwedLooks(root), createOwedLooks(root, process.ppid)];
    const both = await Promise.all([one.take(place), another.take(place)]);
    assert.deepEqual(
      both.flatMap(({ taken }) => taken),
      [saved],
    );
    assert.deepEqual(await takenBy(process.pid), []);
  });

  it('stay those of a window that lives, until it leaves or settles them', async () => {
    const living = createOwedLooks(root, process.ppid);
    await living.owe(place, saved);
    assert.deepEqual(await createOwedLooks(root).take(place), { taken: [], others: true });
    assert.deepEqual(await takenBy(process.pid, { ...place, user: 'other' }), []);
    await living.leave(place, saved.path);
    assert.deepEqual(await takenBy(process.pid), [saved]);
    await createOwedLooks(root).settle(place, saved.path);
    assert.deepEqual(await files(), []);
  });

  it('are one for each file and window, the latest, and none once settled', async () => {
    const looks = createOwedLooks(root, dead);
    const later = { ...saved, time: 5678, content: undefined };
    void looks.owe(place, saved);
    await looks.owe(place, later);
    assert.deepEqual(await takenBy(process.pid), [later]);
    void looks.owe(place, saved);
    await looks.settle(place, saved.path);
    await createOwedLooks(root).settle(place, saved.path);
    assert.deepEqual(await files(), []);
  });

  it('are readable by this user only', async function () {
    if (process.platform === 'win32') this.skip();
    await createOwedLooks(root, dead).owe(place, saved);
    for (const file of await files()) assert.equal((await stat(file)).mode & 0o077, 0);
  });

  it('are nothing where they were torn or tampered with', async () => {
    for (const change of [
      (text: string) => text.slice(0, 20),
      (text: string) => text.replace('www', 'etc'),
      (text: string) => text.replace('/www', 'www'),
      () => 'null\n',
      () => '',
    ]) {
      await createOwedLooks(root, dead).owe(place, saved);
      for (const file of await files()) await writeFile(file, change(await readFile(file, 'utf8')));
      assert.deepEqual(await takenBy(process.pid), []);
      assert.deepEqual(await files(), []);
    }
    await createOwedLooks(root, dead).owe(place, saved);
    for (const file of await files()) await writeFile(file, (await readFile(file, 'utf8')).slice(0, -2));
    assert.deepEqual(await takenBy(process.pid), [{ ...saved, content: undefined }]);
  });
});
