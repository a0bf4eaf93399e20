import assert from 'node:assert/strict';
import { RemoteError, type RemoteErrorCode } from '../../../../src/core/errors.ts';
import { orUnsettled, runChange, UnsettledError } from '../../../../src/core/operations/unsettled.ts';
import type { Pool } from '../../../../src/core/pool.ts';
import { MemoryRemote, MemoryServer } from '../../../support/memoryRemote.ts';
import { poolOf, testHost } from '../../../support/poolOf.ts';

const host = testHost();
const failing = (code: RemoteErrorCode) => Promise.reject(new RemoteError(code, 'Injected.', { path: '/file' }));

describe('a change whose outcome is open', () => {
  let connections: number;
  let gaveUp: number;
  let pool: Pool;

  beforeEach(() => {
    [connections, gaveUp] = [0, 0];
    pool = poolOf(() => {
      connections += 1;
      return Promise.resolve(new MemoryRemote(new MemoryServer()));
    });
  });

  afterEach(() => pool.dispose());

  const lost = (settle: UnsettledError['settle']) =>
    Promise.reject(new UnsettledError(new RemoteError('Lost', 'Cut.', { path: '/file' }), settle, { giveUp: () => (gaveUp += 1) }));

  it('is settled on a new connection, with what that finds', async () => {
    assert.equal(await runChange(pool, host, () => lost(() => Promise.resolve('found'))), 'found');
    await assert.rejects(
      runChange(pool, host, () => lost(() => failing('Exists'))),
      { code: 'Exists' },
    );
    assert.deepEqual([connections, gaveUp], [3, 0]);
  });

  it('goes on in the way that a settlement which loses its link as well leaves', async () => {
    const outcome = runChange(pool, host, () => lost(() => lost(() => Promise.resolve('found later'))));
    assert.equal(await outcome, 'found later');
  });

  it('is given up after some lost links in a row, and says which file to look at', async () => {
    let settlements = 0;
    const settle = () => {
      settlements += 1;
      return failing('Lost');
    };
    await assert.rejects(
      runChange(pool, host, () => lost(settle)),
      { code: 'Lost', path: '/file', host: host.name, retryable: false },
    );
    assert.ok(settlements >= 3, String(settlements));
    assert.equal(gaveUp, 1);
  });

  it('makes no new connection for a person who cancels or disconnects', async () => {
    const cancelled = new AbortController();
    const cancel = () => {
      cancelled.abort();
      return lost(() => Promise.resolve());
    };
    await assert.rejects(runChange(pool, host, cancel, { signal: cancelled.signal }), { code: 'Lost' });
    const disconnect = async () => {
      void pool.disconnect(host.name);
      await lost(() => Promise.resolve());
    };
    await assert.rejects(runChange(pool, host, disconnect), { code: 'Lost' });
    // One for each change.
    assert.deepEqual([connections, gaveUp], [2, 2]);
  });

  it('is only what a lost link leaves open, and what is open already stays as it is', async () => {
    await assert.rejects(
      orUnsettled(failing('Denied'), () => Promise.resolve()),
      (error) => !(error instanceof UnsettledError),
    );
    const open = new UnsettledError(new RemoteError('Lost', 'Cut.'), () => Promise.resolve());
    await assert.rejects(
      orUnsettled(Promise.reject(open), () => Promise.resolve()),
      (error) => error === open,
    );
  });
});
