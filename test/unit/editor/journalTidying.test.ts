import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writePrivately } from '../../../src/editor/contentFolder.ts';
import { createJournal } from '../../../src/editor/journal.ts';
import { tidyJournal } from '../../../src/editor/journalTidying.ts';

const place = { protocol: 'sftp', user: 'web', address: 'example.org', port: 22 } as const;
const day = 24 * 3600_000;

describe('tidying the journal', () => {
  let root: string;
  beforeEach(async () => (root = await mkdtemp(join(tmpdir(), 'ferry-journal-'))));
  afterEach(() => rm(root, { recursive: true, force: true }));

  async function age(path: string, days: number): Promise<void> {
    const then = new Date(Date.now() - days * day);
    await utimes(path, then, then);
  }

  it('removes drafts that a crash left, and no content that is kept for the person', async () => {
    const { location } = await createJournal(root)
      .forHost(place)
      .keep({ path: '/a', old: Buffer.from('old'), aside: undefined, new: Buffer.from('new') });
    const [fresh, old] = [
      `${location.replace(/-.{16}$/, '-0123456789abcdef')}.draft`,
      `${location.replace(/-.{16}$/, '-fedcba9876543210')}.draft`,
    ];
    for (const draft of [fresh, old]) await writePrivately(draft, 'new', 'half');
    await age(old, 2);
    await age(location, 1000);
    await tidyJournal(root);
    const left = await readdir(join(location, '..'));
    assert.deepEqual(left.map((name) => join(location, '..', name)).toSorted(), [fresh, location].toSorted());
    assert.deepEqual((await readdir(location)).toSorted(), ['new', 'note.json', 'old']);
  });

  it('forgets temporaries of hosts that nobody connects to any more', async () => {
    const journal = createJournal(root).forHost(place);
    await journal.addTemporary('/www/.ferry-1.tmp');
    await journal.addTemporary('/www/.ferry-2.tmp');
    const names = () => readdir(join(root, 'temporaries'), { recursive: true });
    const [folder = '', first = ''] = (await names()).toSorted();
    await age(join(root, 'temporaries', first), 91);
    await tidyJournal(root);
    assert.equal((await names()).length, 2);
    for (const name of await readdir(join(root, 'temporaries', folder))) await age(join(root, 'temporaries', folder, name), 91);
    await tidyJournal(root);
    assert.deepEqual(await names(), [folder]);
    await journal.addTemporary('/www/.ferry-3.tmp');
    assert.equal((await names()).length, 2);
  });

  it('remembers the newest thousand of a host', async () => {
    const folder = join(root, 'temporaries', 'place');
    for (let number = 0; number < 1005; number += 1) {
      await writePrivately(folder, `${number}.json`, '{}');
      await age(join(folder, `${number}.json`), number / 1000);
    }
    await tidyJournal(root);
    const left = await readdir(folder);
    assert.equal(left.length, 1000);
    assert.ok(left.includes('0.json') && !left.includes('1004.json'));
  });

  it('has nothing to do where there is no journal', async () => {
    await tidyJournal(join(root, 'none'));
  });
});
