import assert from 'node:assert/strict';
import { PathLocks } from '../../../src/core/pathLocks.ts';

describe('PathLocks', () => {
  function gate(): { promise: Promise<void>; open: () => void } {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    return { promise, open: () => resolve(undefined) };
  }

  it('runs changes of one path in order, and those of others at once', async () => {
    const locks = new PathLocks();
    const first = gate();
    const log: string[] = [];
    const a1 = locks.run(['/a'], async () => (await first.promise, log.push('a1')));
    const a2 = locks.run(['/a'], () => Promise.resolve(log.push('a2')));
    await locks.run(['/b'], () => Promise.resolve(log.push('b')));
    assert.deepEqual(log, ['b']);
    first.open();
    await Promise.all([a1, a2]);
    assert.deepEqual(log, ['b', 'a1', 'a2']);
  });

  it('makes a folder wait for its files and a file for its folder', async () => {
    const locks = new PathLocks();
    const first = gate();
    const log: string[] = [];
    const file = locks.run(['/folder/file'], async () => (await first.promise, log.push('file')));
    const folder = locks.run(['/folder', '/moved'], () => Promise.resolve(log.push('folder')));
    const below = locks.run(['/moved/x'], () => Promise.resolve(log.push('below')));
    await Promise.resolve();
    first.open();
    await Promise.all([file, folder, below]);
    assert.deepEqual(log, ['file', 'folder', 'below']);
  });

  it('uploads only the first and the newest of a burst, and tells all who waited', async () => {
    const locks = new PathLocks();
    const first = gate();
    const ran: number[] = [];
    const save = (n: number): Promise<number> =>
      locks.run(
        ['/a'],
        async () => {
          if (n === 0) await first.promise;
          ran.push(n);
          return n;
        },
        'save',
      );
    const begun = save(0);
    await new Promise(setImmediate);
    const saves = [begun, ...Array.from({ length: 9 }, (_, n) => save(n + 1))];
    first.open();
    assert.deepEqual(await Promise.all(saves), [0, 9, 9, 9, 9, 9, 9, 9, 9, 9]);
    assert.deepEqual(ran, [0, 9]);
  });

  it('does not merge a save over a deletion between them', async () => {
    const locks = new PathLocks();
    const first = gate();
    const log: string[] = [];
    const begun = locks.run(['/a'], async () => (await first.promise, log.push('save 1')), 'save');
    await new Promise(setImmediate);
    const all = [
      begun,
      locks.run(['/a'], () => Promise.resolve(log.push('save 2')), 'save'),
      locks.run(['/a'], () => Promise.resolve(log.push('delete'))),
      locks.run(['/a'], () => Promise.resolve(log.push('save 3')), 'save'),
    ];
    await Promise.resolve();
    first.open();
    await Promise.all(all);
    assert.deepEqual(log, ['save 1', 'save 2', 'delete', 'save 3']);
  });

  it('goes on after a failure, and hands it to its own caller only', async () => {
    const locks = new PathLocks();
    const failing = locks.run(['/a'], () => Promise.reject(new Error('no')));
    const next = locks.run(['/a'], () => Promise.resolve('yes'));
    await assert.rejects(failing, /no/);
    assert.equal(await next, 'yes');
  });
});
