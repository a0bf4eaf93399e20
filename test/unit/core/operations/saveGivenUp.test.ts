import assert from 'node:assert/strict';
import { isRemoteError, RemoteError } from '../../../../src/core/errors.ts';
import { saveThroughPool } from '../../../../src/core/operations/saveThroughPool.ts';
import { memoryJournal } from '../../../support/memoryJournal.ts';
import { MemoryRemote, MemoryServer } from '../../../support/memoryRemote.ts';
import { poolOf, testHost } from '../../../support/poolOf.ts';

const path = '/www/a.txt';

describe('a save in place that is given up as stalled', () => {
  it('while a new connection finishes it: ends at once and says where both contents are', async () => {
    const server = new MemoryServer();
    server.folder('/www');
    server.file(path, 'old content');
    const giveUp = new AbortController();
    const stalled = new RemoteError('Lost', 'The server stopped answering.', { hint: 'Check the connection.' });
    let connections = 0;
    const connect = () => {
      const isFirst = (connections += 1) === 1;
      const onStep = ({ verb, phase }: { readonly verb: string; readonly phase: string }) => {
        if (verb !== 'write') return;
        if (!isFirst && phase === 'before') giveUp.abort(stalled);
        if (isFirst && phase === 'middle') throw new RemoteError('Lost', 'The link was cut.');
      };
      return Promise.resolve(new MemoryRemote(server, { onStep }));
    };
    const pool = poolOf(connect);
    const journal = memoryJournal();
    const options = {
      create: true,
      overwrite: true,
      journal,
      saveMode: 'inPlace' as const,
      profile: {},
      learn() {},
      signal: giveUp.signal,
    };
    const error = await saveThroughPool(pool, testHost(), path, new TextEncoder().encode('new content, longer'), options).catch(
      (reason: unknown) => reason,
    );
    await pool.dispose();
    assert.ok(isRemoteError(error, 'Lost'), String(error));
    assert.match(error.hint ?? '', /\/journal/);
    assert.equal(journal.kept.size, 1);
    assert.equal(connections, 2, 'nobody connects again after that');
  });
});
