import assert from 'node:assert/strict';
import { RemoteError } from '../../../../src/core/errors.ts';
import type { BringItem } from '../../../../src/core/transfers/bringItem.ts';
import { ChangedSourceError } from '../../../../src/core/transfers/changedSource.ts';
import type { TransferItem, TransferTask } from '../../../../src/core/transfers/item.ts';
import { createQueue, type TransferQueue } from '../../../../src/core/transfers/queue.ts';
import { fakeClock, turns } from '../../../support/fakeClock.ts';

const task = (name: string, host = 'sftp://web'): TransferTask => ({
  ...{ kind: 'file', from: { host: '', path: `/here/${name}` }, to: { host, path: `/there/${name}` } },
  ...{ size: 100, mtime: 1, mode: undefined, onExists: 'ask' },
});

/** A queue whose transfers end when the test says so. */
function makeDesk(budget = 2) {
  const clock = fakeClock();
  const running = new Map<string, PromiseWithResolvers<'done' | 'skipped'> & { readonly progress: (bytes: number) => void }>();
  const begun: string[] = [];
  const dropped: string[] = [];
  const nameOf = (item: TransferItem) => item.to.path.slice('/there/'.length);
  const items: BringItem = {
    bring(item, _, { signal, onProgress }) {
      const outcome = Promise.withResolvers<'done' | 'skipped'>();
      const name = nameOf(item);
      begun.push(name);
      running.set(name, { ...outcome, progress: onProgress });
      signal.addEventListener('abort', () => outcome.reject(signal.reason));
      return outcome.promise.finally(() => running.delete(name));
    },
    end: () => Promise.resolve(),
    drop(item) {
      dropped.push(nameOf(item));
      return Promise.resolve();
    },
  };
  const queue = createQueue({ items, budget: () => budget, clock });
  const about = { direction: 'upload', title: 'test', into: { host: 'sftp://web', path: '/there' } } as const;
  const add = (...names: string[]) =>
    queue.add(
      about,
      names.map((name) => task(name)),
    );
  const end = async (name: string, outcome: 'done' | 'skipped' | RemoteError = 'done') => {
    const one = running.get(name);
    assert.ok(one, `${name} does not run`);
    if (outcome instanceof RemoteError) one.reject(outcome);
    else one.resolve(outcome);
    await turns();
  };
  return { queue, clock, running, begun, dropped, add, end, about };
}

const states = (queue: TransferQueue) => queue.groups.flatMap(({ items }) => items.map(({ state }) => state)).join(' ');
const idOf = (queue: TransferQueue, name: string) =>
  queue.groups.flatMap(({ items }) => items).find(({ to }) => to.path === `/there/${name}`)?.id ?? 0;

describe('the queue of transfers', () => {
  it('begins in order, as many at once as the host has room for, and tells how a group came out', async () => {
    const { queue, begun, add, end } = makeDesk();
    const { settled } = add('a', 'b', 'c', 'd');
    assert.deepEqual(begun, ['a', 'b']);
    await end('b', 'skipped');
    await end('a');
    assert.deepEqual(begun, ['a', 'b', 'c', 'd']);
    await end('c', new RemoteError('Denied', 'No.'));
    await end('d');
    const outcome = await settled;
    assert.deepEqual([outcome.done, outcome.skipped, outcome.failed.length, outcome.cancelled], [2, 1, 1, 0]);
    assert.equal(states(queue), 'done skipped failed done');
  });

  it('lets another host go on while one has no room', async () => {
    const { queue, begun, add, about } = makeDesk(1);
    add('a', 'b');
    queue.add(about, [task('c', 'ftp://other')]);
    assert.deepEqual(begun, ['a', 'c']);
    await turns();
  });

  it('pauses what runs and what waits, and goes on with both', async () => {
    const { queue, begun, add, running } = makeDesk();
    add('a', 'b', 'c');
    queue.pause(() => true);
    await turns();
    assert.equal(states(queue), 'paused paused paused');
    assert.equal(running.size, 0);
    queue.resume(({ to }) => to.path !== '/there/a');
    await turns();
    assert.equal(states(queue), 'paused running running');
    assert.deepEqual(begun, ['a', 'b', 'b', 'c']);
  });

  it('cancels: nothing more of it is begun, what is there is dropped, and the group is over', async () => {
    const { queue, add, dropped, begun } = makeDesk();
    const { id, settled } = add('a', 'b', 'c');
    queue.cancel((_, group) => group.id === id);
    assert.deepEqual(await settled, { done: 0, skipped: 0, failed: [], cancelled: 3 });
    assert.deepEqual(dropped.toSorted(), ['a', 'b', 'c']);
    assert.deepEqual(begun, ['a', 'b']);
    assert.equal(queue.groups.length, 0);
  });

  it('moves up and to the top: items, and groups', async () => {
    const { queue, begun, add, end } = makeDesk(1);
    add('a', 'b', 'c', 'd');
    const { id } = add('e');
    queue.move({ item: idOf(queue, 'd') }, 'up');
    queue.move({ item: idOf(queue, 'c') }, 'top');
    queue.move({ group: id }, 'top');
    for (const name of ['a', 'e', 'c', 'b', 'd']) await end(name);
    assert.deepEqual(begun, ['a', 'e', 'c', 'b', 'd']);
  });

  it('moves up before what is still to come, not before what is done', async () => {
    const { queue, add, end } = makeDesk(1);
    add('a', 'b', 'c', 'd');
    queue.move({ item: idOf(queue, 'd') }, 'top');
    await end('a');
    queue.move({ item: idOf(queue, 'b') }, 'up');
    const left = queue.groups.flatMap(({ items }) => items.flatMap(({ state, to }) => (state === 'done' ? [] : [to.path])));
    assert.deepEqual(left, ['/there/b', '/there/d', '/there/c']);
  });

  it('tries again what lost its link, later each time, as long as it moves on; then it failed, until it is asked for again', async () => {
    const { queue, begun, add, end, clock, running } = makeDesk();
    const { settled } = add('a');
    const lost = new RemoteError('Lost', 'Lost.');
    for (let round = 1; round <= 4; round += 1) {
      await end('a', lost);
      assert.equal(states(queue), 'queued');
      await clock.pass(500 * round);
    }
    running.get('a')?.progress(50);
    await end('a', lost);
    await clock.pass(500);
    for (let round = 1; round < 4; round += 1) {
      await end('a', lost);
      await clock.pass(5000);
    }
    assert.equal(begun.length, 9);
    await end('a', lost);
    assert.equal((await settled).failed.length, 1);
    queue.retry(() => true);
    await end('a');
    assert.equal(states(queue), 'done');
    queue.clear();
    assert.equal(queue.groups.length, 0);
  });

  it('takes a source that changed as what it is now', async () => {
    const { queue, add, end, clock } = makeDesk();
    add('a');
    const now = { kind: 'file', size: 7, mtime: 2, mode: 0o640 } as ConstructorParameters<typeof ChangedSourceError>[1];
    await end('a', new ChangedSourceError('/here/a', now));
    await clock.pass(500);
    assert.deepEqual(
      queue.groups[0]?.items.map(({ size, mtime, state }) => [size, mtime, state]),
      [[7, 2, 'running']],
    );
  });

  it('holds all that goes to a host that can not be reached, says so once, and goes on when told', async () => {
    const { queue, add, end, about } = makeDesk();
    const held: string[] = [];
    queue.onDidHold(({ host }) => held.push(host));
    add('a', 'b', 'c');
    queue.add(about, [task('d', 'ftp://other')]);
    const unreachable = new RemoteError('Unreachable', 'Away.', { host: 'web' });
    await end('a', unreachable);
    await end('b', unreachable);
    assert.equal(states(queue), 'paused paused paused running');
    assert.deepEqual(held, ['sftp://web']);
    queue.resume(({ error }) => error !== undefined);
    assert.equal(states(queue), 'running running queued running');
  });

  it('says of each host that its transfers wait', async () => {
    const { queue, add, end, about } = makeDesk();
    const held: string[] = [];
    queue.onDidHold(({ host }) => held.push(host));
    add('a');
    queue.add(about, [task('b', 'ftp://other')]);
    await end('a', new RemoteError('Unreachable', 'Away.', { host: 'web' }));
    await end('b', new RemoteError('Unreachable', 'Away.', { host: 'other' }));
    assert.deepEqual(held, ['sftp://web', 'ftp://other']);
  });

  it('drops what is there of a failed file that is cleared', async () => {
    const { queue, add, end, dropped } = makeDesk();
    add('a', 'b');
    await end('a');
    await end('b', new RemoteError('Denied', 'No.'));
    queue.clear();
    assert.deepEqual(dropped, ['b']);
    assert.equal(queue.groups.length, 0);
  });

  it('cancels for good, also what is told to pause right after', async () => {
    const { queue, add } = makeDesk();
    const { settled } = add('a');
    queue.cancel(() => true);
    queue.pause(() => true);
    assert.equal((await settled).cancelled, 1);
    assert.equal(queue.groups.length, 0);
  });

  it('tells bytes, files, speed and the time that is left', async () => {
    const { queue, add, running, end, clock } = makeDesk();
    const { id } = add('a', 'b');
    running.get('a')?.progress(20);
    await clock.pass(2000);
    running.get('a')?.progress(60);
    const { speed, left, ...counts } = queue.progress(id);
    assert.deepEqual(counts, { files: 2, filesDone: 0, failed: 0, bytes: 200, bytesDone: 60 });
    assert.equal(speed, 30);
    assert.equal(left, 140 / 30);
    await end('a');
    assert.deepEqual([queue.progress(id).filesDone, queue.progress(id).bytesDone], [1, 100]);
    await clock.pass(10_000);
    assert.equal(queue.progress(id).left, undefined);
  });
});
