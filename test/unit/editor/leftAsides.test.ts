import assert from 'node:assert/strict';
import type { Swap } from '../../../src/core/operations/save.ts';
import type { Pool } from '../../../src/core/pool.ts';
import type { Journal } from '../../../src/editor/journal.ts';
import { memoryJournal } from '../../support/memoryJournal.ts';
import { MemoryRemote, MemoryServer } from '../../support/memoryRemote.ts';
import { poolOf, testHost } from '../../support/poolOf.ts';
import { person } from './fakeVscode.ts';

const { watchLeftovers } = await import('../../../src/editor/leftovers.ts');

const host = testHost({ name: 'demo' });
const aside = '/www/.ferry-0123456789abcdef.old';
const stage = '/www/.ferry-fedcba9876543210.tmp';

describe('what a crashed window was replacing', () => {
  let server: MemoryServer;
  let pool: Pool;

  beforeEach(() => {
    person.reset();
    server = new MemoryServer();
    server.file(`${aside}/deep/file`, 'old');
    pool = poolOf(() => Promise.resolve(new MemoryRemote(server)));
  });

  afterEach(() => pool.dispose());

  /** Connects, with these notes, until all of them are settled. */
  async function connect(swap: Swap, temporaries: readonly string[] = []): Promise<void> {
    const notes = memoryJournal();
    await notes.addAside(swap);
    for (const path of temporaries) await notes.addTemporary(path);
    const journal: Journal = {
      forHost: () => notes,
      temporaries: () => Promise.resolve([...notes.temporaries]),
      asides: () => Promise.resolve([...notes.asides.values()]),
      copies: () => Promise.resolve([]),
    };
    const watching = watchLeftovers(
      pool,
      journal,
      () => host,
      () => Promise.resolve(),
    );
    await pool.connect(host);
    for (let turn = 0; turn < 500 && notes.asides.size + notes.temporaries.size > 0; turn += 1)
      await new Promise((resolve) => setTimeout(resolve, 2));
    assert.equal(notes.asides.size + notes.temporaries.size, 0, 'all notes are settled');
    watching.dispose();
  }

  it('is back where nothing took its place, what was to come is gone, and the person is told', async () => {
    server.file(`${stage}/half/of/it`, 'new');
    await connect({ to: '/www/page', aside, from: stage }, [stage]);
    assert.deepEqual([server.names('/www'), server.text('/www/page/deep/file')], [['page'], 'old']);
    assert.equal(person.dialogs[0]?.message, 'Replacing /www/page on demo was interrupted. What was there before is back.');
  });

  it('is removed where the new is in its place', async () => {
    server.file('/www/page', 'new');
    await connect({ to: '/www/page', aside, from: '/www/source' });
    assert.deepEqual([server.names('/www'), server.text('/www/page'), person.dialogs], [['page'], 'new', []]);
  });

  it('stays where something else is in its place, and the person is told where', async () => {
    server.file('/www/page', 'of somebody else');
    for (const from of ['/www/source', undefined]) {
      server.file('/www/source', 'new');
      await connect({ to: '/www/page', aside, from });
      await pool.disconnect('demo');
      assert.equal(server.text(`${aside}/deep/file`), 'old');
      assert.match(person.dialogs.at(-1)?.message ?? '', /kept as \/www\/\.ferry-0123456789abcdef\.old\.$/);
    }
  });

  it('is nothing of anybody else: only names of Ferry’s own are touched', async () => {
    server.file('/www/precious.old', 'precious');
    await connect({ to: '/www/page', aside: '/www/precious.old', from: '/www/source' }, ['/www/precious.old']);
    assert.equal(server.text('/www/precious.old'), 'precious');
    assert.deepEqual(person.dialogs, []);
  });
});
