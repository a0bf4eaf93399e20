import assert from 'node:assert/strict';
import type { SaveJournal } from '../../../src/core/operations/save.ts';
import type { Pool } from '../../../src/core/pool.ts';
import type { Journal } from '../../../src/editor/journal.ts';
import { MemoryRemote, MemoryServer } from '../../support/memoryRemote.ts';
import { poolOf, testHost } from '../../support/poolOf.ts';
import { person } from './fakeVscode.ts';

const { watchLeftovers } = await import('../../../src/editor/leftovers.ts');

const host = testHost({ name: 'demo' });

describe('what a crashed window left', () => {
  let server: MemoryServer;
  let pool: Pool;
  let noted: string[];
  let discarded: number;

  beforeEach(() => {
    person.reset();
    server = new MemoryServer();
    pool = poolOf(() => Promise.resolve(new MemoryRemote(server)));
    [noted, discarded] = [[], 0];
  });

  afterEach(() => pool.dispose());

  const journal = (copies: boolean): Journal => ({
    forHost: () =>
      ({ removeTemporary: (path: string) => Promise.resolve(void (noted = noted.filter((other) => other !== path))) }) as SaveJournal,
    temporaries: () => Promise.resolve([...noted]),
    asides: () => Promise.resolve([]),
    copies: () =>
      Promise.resolve(
        copies
          ? [{ path: '/page', aside: undefined, location: '/kept', time: 0, discard: () => Promise.resolve(void (discarded += 1)) }]
          : [],
      ),
  });

  it('is removed at the next connection: exactly the names in the journal', async () => {
    for (const name of ['/.ferry-0123456789abcdef.tmp', '/.ferry-ffffffffffffffff.tmp', '/page']) server.file(name, 'x');
    noted = ['/.ferry-0123456789abcdef.tmp', '/.ferry-already-gone.tmp'];
    const watching = watchLeftovers(pool, journal(false), () => host);
    await pool.connect(host);
    await eventually(() => noted.length === 0);
    assert.deepEqual(server.names('/').toSorted(), ['.ferry-ffffffffffffffff.tmp', 'page']);
    watching.dispose();
  });

  it('is offered where it is a copy, and stays unless the person discards it', async () => {
    const watching = watchLeftovers(pool, journal(true), () => host);
    await pool.connect(host);
    await eventually(() => person.dialogs.length === 1);
    assert.match(person.dialogs[0]?.message ?? '', /\/page on demo was interrupted/);
    assert.equal(discarded, 0);
    watching.dispose();
    person.dialogAnswer = 'Discard Them';
    const again = watchLeftovers(pool, journal(true), () => host);
    await pool.disconnect('demo');
    await pool.connect(host);
    await eventually(() => discarded === 1);
    again.dispose();
  });
});

async function eventually(done: () => boolean): Promise<void> {
  for (let turn = 0; turn < 500 && !done(); turn += 1) await new Promise((resolve) => setTimeout(resolve, 2));
  assert.ok(done());
}
