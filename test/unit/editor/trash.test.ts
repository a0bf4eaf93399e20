import assert from 'node:assert/strict';
import { RemoteError } from '../../../src/core/errors.ts';
import { silentLog } from '../../../src/core/log.ts';
import type { Pool } from '../../../src/core/pool.ts';
import { MemoryRemote, MemoryServer } from '../../support/memoryRemote.ts';
import { poolOf, testHost } from '../../support/poolOf.ts';
import { person } from './fakeVscode.ts';
import { createMemento } from './memento.ts';

const { tellWhatStays } = await import('../../../src/editor/discardWords.ts');
const { watchTrashes } = await import('../../../src/editor/trashPurges.ts');

const oldEntry = (number: number) => `/.trash/20200101T00000${number}Z-0123456789abcdef-0%2Fold`;

describe('trashes of hosts that get connected', () => {
  const state = createMemento();
  let server: MemoryServer;
  let pools: Pool[];
  let connections: MemoryRemote[];

  beforeEach(() => {
    server = new MemoryServer();
    server.time = Date.parse('2020-01-01') / 1000;
    pools = [];
    connections = [];
  });

  afterEach(async () => {
    for (const pool of pools) await pool.dispose();
  });

  /** A window in which the host gets connected; resolves when nothing is sent any more. */
  async function openWindow(trashDays: number, memory = state, mayChange = true): Promise<void> {
    const host = testHost({ name: 'demo', trash: '.trash', trashDays });
    const pool = poolOf(() => {
      const remote = new MemoryRemote(server);
      connections.push(remote);
      return Promise.resolve(remote);
    });
    pools.push(pool);
    const watching = watchTrashes(
      { pool, guard: { mayChange: () => mayChange } },
      memory,
      () => host,
      () => silentLog,
    );
    await pool.connect(host);
    await quiet();
    watching.dispose();
  }

  async function quiet(): Promise<void> {
    for (let before = -1; ;) {
      const calls = connections.reduce((sum, remote) => sum + remote.calls.length, 0);
      if (calls === before) return;
      before = calls;
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }

  it('are purged once a day and not more often', async () => {
    server.file(`${oldEntry(1)}/old`, 'x');
    await openWindow(30);
    assert.deepEqual(server.names('/.trash'), []);
    server.file(`${oldEntry(2)}/old`, 'x');
    await openWindow(30);
    assert.equal(server.names('/.trash').length, 1);
  });

  it('are left alone where nothing is to be purged ever', async () => {
    server.file(`${oldEntry(1)}/old`, 'x');
    await openWindow(0, createMemento());
    assert.equal(server.names('/.trash').length, 1);
  });

  it('are left alone on a protected host', async () => {
    server.file(`${oldEntry(1)}/old`, 'x');
    const memory = createMemento();
    await openWindow(30, memory, false);
    assert.equal(server.names('/.trash').length, 1);
    await openWindow(30, memory);
    assert.deepEqual(server.names('/.trash'), []);
  });

  it('are not made by looking for them', async () => {
    await openWindow(30, createMemento());
    assert.deepEqual(server.names('/'), []);
  });
});

describe('what no trash takes', () => {
  const discarding = (error: RemoteError) =>
    tellWhatStays(testHost({ name: 'demo' }), () => Promise.reject(error))(new MemoryRemote(), '/www/.ferry-1.old', '/www/a');

  beforeEach(() => person.reset());

  it('is told of, with where it is kept', async () => {
    await assert.rejects(discarding(new RemoteError('Denied', 'No [x](command:evil).')), { code: 'Denied' });
    assert.match(person.dialogs[0]?.message ?? '', /^What was at \/www\/a on demo .* kept as \/www\/\.ferry-1\.old\.$/);
    assert.ok(!(person.dialogs[0]?.message ?? '').includes(']('));
  });

  it('is nothing to tell of where it is gone, or where a new connection will see to it', async () => {
    for (const code of ['NotFound', 'Lost'] as const) await assert.rejects(discarding(new RemoteError(code, 'no')), { code });
    assert.deepEqual(person.dialogs, []);
  });
});
