import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createJournal } from '../../../src/editor/journal.ts';
import type { JournalPlace } from '../../../src/editor/journal.ts';

const place: JournalPlace = { protocol: 'sftp', user: 'web', address: 'example.org', port: 22 };
const other: JournalPlace = { ...place, port: 2222 };

/** Makes all notes below `folder` those of a process that has ended. */
async function crash(folder: string): Promise<void> {
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  for (const name of await readdir(folder, { recursive: true })) {
    if (!name.endsWith('.json')) continue;
    const file = join(folder, name);
    const note = JSON.parse(await readFile(file, 'utf8')) as object;
    await writeFile(file, JSON.stringify({ ...note, process: pid }));
  }
}

describe('journal', () => {
  let root: string;
  beforeEach(async () => (root = await mkdtemp(join(tmpdir(), 'ferry-journal-'))));
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('lists the temporaries of a crashed window, by host', async () => {
    const journal = createJournal(root);
    const saves = journal.forHost(place);
    await saves.addTemporary('/www/.ferry-1.tmp');
    await saves.addTemporary('/www/.ferry-2.tmp');
    assert.deepEqual(await journal.temporaries(place), [], 'a save that runs has no leftovers');
    await saves.removeTemporary('/www/.ferry-1.tmp');
    await crash(root);
    assert.deepEqual(await journal.temporaries(place), ['/www/.ferry-2.tmp']);
    assert.deepEqual(await journal.temporaries(other), []);
    await saves.removeTemporary('/www/.ferry-2.tmp');
    assert.deepEqual(await journal.temporaries(place), []);
  });

  it('lists what a crashed window moved aside, until it is settled', async () => {
    const journal = createJournal(root);
    const notes = journal.forHost(place);
    const swap = { to: '/www/a', aside: '/www/.ferry-1.old', from: '/www/b' };
    const held = { to: '/www/c', aside: '/www/.ferry-2.old', from: undefined };
    await notes.addAside(swap);
    await notes.addAside(held);
    assert.deepEqual(await journal.asides(place), [], 'a move that runs has no leftovers');
    await crash(root);
    const byName = (one: { to: string }, other: { to: string }) => (one.to < other.to ? -1 : 1);
    assert.deepEqual([...(await journal.asides(place))].sort(byName), [swap, held]);
    assert.deepEqual(await journal.temporaries(place), []);
    await notes.addTemporary('/www/.ferry-3.tmp');
    assert.deepEqual(await journal.temporaries(place), []);
    notes.abandon('/www/.ferry-3.tmp');
    assert.deepEqual(await journal.temporaries(place), ['/www/.ferry-3.tmp'], 'what was given up is left too');
    await notes.removeTemporary('/www/.ferry-3.tmp');
    await notes.removeTemporary(swap.aside);
    assert.deepEqual(await journal.asides(place), [held]);
  });

  it('keeps both contents until the save is done', async () => {
    const journal = createJournal(root);
    const kept = await journal.forHost(place).keep({ path: '/a', old: Buffer.from('old'), aside: undefined, new: Buffer.from('new') });
    assert.equal(await readFile(join(kept.location, 'old'), 'utf8'), 'old');
    assert.equal(await readFile(join(kept.location, 'new'), 'utf8'), 'new');
    if (process.platform !== 'win32') assert.equal((await stat(join(kept.location, 'old'))).mode & 0o777, 0o600);
    assert.deepEqual(await journal.copies(place), []);
    await kept.done();
    await crash(root);
    assert.deepEqual(await journal.copies(place), []);
  });

  it('offers what a crash left, also an old content that is aside on the server', async () => {
    const journal = createJournal(root);
    await journal.forHost(place).keep({ path: '/b', old: undefined, aside: '/.ferry-1.old', new: Buffer.from('new') });
    await crash(root);
    const [copy, ...more] = await journal.copies(place);
    assert.equal(more.length, 0);
    assert.equal(copy?.path, '/b');
    assert.equal(copy.aside, '/.ferry-1.old');
    await copy.discard();
    assert.deepEqual(await journal.copies(place), []);
  });

  it('ignores what is torn', async () => {
    const journal = createJournal(root);
    await journal.forHost(place).addTemporary('/x');
    for (const name of await readdir(root, { recursive: true })) if (name.endsWith('.json')) await writeFile(join(root, name), '{"pa');
    assert.deepEqual(await journal.temporaries(place), []);
  });
});
