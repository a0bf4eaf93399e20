import assert from 'node:assert/strict';
import { RemoteError } from '../../../src/core/errors.ts';
import type { Pool } from '../../../src/core/pool.ts';
import type { Journal } from '../../../src/editor/journal.ts';
import { MemoryRemote, MemoryServer, type Step } from '../../support/memoryRemote.ts';
import { poolOf, testHost } from '../../support/poolOf.ts';
import { person } from './fakeVscode.ts';

const { watchLeftovers } = await import('../../../src/editor/leftovers.ts');

const host = testHost({ name: 'demo' });

describe('what a crashed window left', () => {
  let server: MemoryServer;
  let pool: Pool;
  let noted: string[];

  beforeEach(() => {
    person.reset();
    server = new MemoryServer();
    pool = poolOf(() => Promise.resolve(new MemoryRemote(server)));
    noted = [];
  });

  afterEach(() => pool.dispose());

  const journal = (): Journal =>
    ({
      forHost: () => ({
        removeTemporary: (path: string) => Promise.resolve(void (noted = noted.filter((other) => other !== path))),
      }),
      temporaries: () => Promise.resolve([...noted]),
      asides: () => Promise.resolve([]),
      copies: () => Promise.resolve([]),
    }) as unknown as Journal;

  it('is removed at the next connection: exactly the names in the journal', async () => {
    for (const name of ['/.ferry-0123456789abcdef.tmp', '/.ferry-ffffffffffffffff.tmp', '/page']) server.file(name, 'x');
    noted = ['/.ferry-0123456789abcdef.tmp', '/.ferry-already-gone.tmp'];
    const watching = watchLeftovers(
      pool,
      journal(),
      () => host,
      () => Promise.resolve(),
    );
    await pool.connect(host);
    await eventually(() => noted.length === 0);
    assert.deepEqual(server.names('/').toSorted(), ['.ferry-ffffffffffffffff.tmp', 'page']);
    watching.dispose();
  });

  it('is removed while the host stays connected where a change was given up, also at a second look', async () => {
    let failures = 1;
    const fail = ({ verb, phase }: Step) => {
      if (verb === 'unlink' && phase === 'before' && failures-- > 0) throw new RemoteError('Busy', 'Not now.');
    };
    pool = poolOf(() => Promise.resolve(new MemoryRemote(server, { onStep: fail })));
    const nobody = () => Promise.resolve();
    const watching = watchLeftovers(pool, journal(), () => host, nobody, 5);
    await pool.connect(host);
    server.file('/.ferry-0123456789abcdef.tmp', 'x');
    noted = ['/.ferry-0123456789abcdef.tmp'];
    watching.add('demo');
    await eventually(() => noted.length === 0);
    assert.deepEqual([server.names('/'), failures], [[], -1]);
    watching.dispose();
  });

  it('is offered once for each host and session, and again after a look that failed', async () => {
    const offers: string[] = [];
    const offer = ({ name }: { readonly name: string }) => {
      offers.push(name);
      return offers.length === 1 ? Promise.reject(new Error('unreachable')) : Promise.resolve();
    };
    const watching = watchLeftovers(pool, journal(), () => host, offer);
    for (let time = 1; time <= 3; time += 1) {
      await pool.connect(host);
      await eventually(() => offers.length >= Math.min(time, 2));
      await pool.disconnect('demo');
    }
    assert.deepEqual(offers, ['demo', 'demo']);
    watching.dispose();
  });
});

async function eventually(done: () => boolean): Promise<void> {
  for (let turn = 0; turn < 500 && !done(); turn += 1) await new Promise((resolve) => setTimeout(resolve, 2));
  assert.ok(done());
}
