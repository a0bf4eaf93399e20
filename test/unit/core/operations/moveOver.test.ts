import assert from 'node:assert/strict';
import { RemoteError } from '../../../../src/core/errors.ts';
import { moveWithin } from '../../../../src/core/operations/move.ts';
import { settleMove } from '../../../../src/core/operations/moveThroughPool.ts';
import { MemoryRemote, MemoryServer } from '../../../support/memoryRemote.ts';
import { poolOf, testHost } from '../../../support/poolOf.ts';

/** A folder is moved over another; the link is lost once, before the step `lostAt` or right after it. */
async function moveWithLoss(lostAt: number, when: 'before' | 'after'): Promise<{ server: MemoryServer; steps: number; error: unknown }> {
  const server = new MemoryServer();
  for (const name of ['/from', '/to']) {
    server.folder(name);
    server.file(`${name}/file`, name);
  }
  let steps = 0;
  const onStep = (): void => {
    steps += 1;
    if (steps === lostAt) throw new RemoteError('Lost', 'Injected.');
  };
  const pool = poolOf(() => {
    const remote = new MemoryRemote(server, { onStep });
    const rename = remote.rename.bind(remote);
    if (when === 'after')
      remote.rename = async (...args) => {
        const isLost = steps + 1 === lostAt;
        if (isLost) steps += 1;
        await rename(...args);
        if (isLost) throw new RemoteError('Lost', 'The reply was lost.');
      };
    return Promise.resolve(remote);
  });
  const move = pool.run(testHost(), (remote) => moveWithin(remote, '/from', '/to', { overwrite: true }));
  const error = await settleMove(pool, testHost(), move).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  await pool.dispose();
  return { server, steps, error };
}

describe('a move over something, with the link lost on the way', () => {
  for (const when of ['before', 'after'] as const) {
    it(`${when} any step: the old or the new is at its place, nothing is lost`, async () => {
      const { steps } = await moveWithLoss(0, when);
      for (let lostAt = 1; lostAt <= steps; lostAt++) {
        const { server, error } = await moveWithLoss(lostAt, when);
        const held = server.text('/to/file');
        const names = server.names('/').filter((name) => !name.startsWith('.ferry-'));
        assert.deepEqual(names.sort(), held === '/to' ? ['from', 'to'] : ['to'], `${lostAt}: ${names.join()}`);
        if (error === undefined) assert.equal(held, '/from');
        else assert.ok(error instanceof RemoteError);
      }
    });
  }
});
