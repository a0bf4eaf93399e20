import assert from 'node:assert/strict';
import { createEmitter } from '../../../src/core/events.ts';
import { createTransfers } from '../../../src/core/transfers.ts';

const label = { verb: 'Uploading', name: 'a.txt', hostName: 'web' };

describe('transfers', () => {
  it('tells of work from start to end', async () => {
    const transfers = createTransfers(() => 5);
    const kinds: string[] = [];
    transfers.onDidChange(({ kind, transfer }) => kinds.push(`${kind} ${transfer.bytes ?? '-'}/${transfer.total ?? '-'}`));
    let late: ((progress: { bytes: number }) => void) | undefined;
    const result = await transfers.track(label, undefined, (report) => {
      late = report;
      report({ total: 10 });
      report({ bytes: 4 });
      assert.deepEqual([transfers.running.length, transfers.running[0]?.startedAt], [1, 5]);
      return Promise.resolve('done');
    });
    late?.({ bytes: 9 });
    assert.equal(result, 'done');
    assert.deepEqual(kinds, ['started -/-', 'progress -/10', 'progress 4/10', 'ended 4/10']);
    assert.deepEqual(transfers.running, []);
  });

  it('cancels through the task’s signal, and throws RemoteErrors only', async () => {
    const transfers = createTransfers();
    const work = transfers.track(
      label,
      new AbortController().signal,
      (_, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        }),
    );
    transfers.running[0]?.cancel();
    await assert.rejects(work, { name: 'RemoteError', code: 'Cancelled' });
    assert.deepEqual(transfers.running, []);
  });
});

describe('an emitter', () => {
  it('calls who listens, and no longer than that', () => {
    const emitter = createEmitter<number>();
    const heard: number[] = [];
    const first = emitter.event((value) => heard.push(value));
    emitter.event((value) => heard.push(value * 10));
    emitter.fire(1);
    first.dispose();
    emitter.fire(2);
    emitter.dispose();
    emitter.fire(3);
    assert.deepEqual(heard, [1, 10, 20]);
  });
});
