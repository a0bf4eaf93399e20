import assert from 'node:assert/strict';
import { isRemoteError } from '../../../src/core/errors.ts';
import { settleUnlessStalled } from '../../../src/core/stall.ts';

const never = new Promise<never>(() => {});
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('settleUnlessStalled', () => {
  it('settles with what the task yields or throws', async () => {
    assert.equal(
      await settleUnlessStalled(
        1000,
        () => false,
        undefined,
        () => Promise.resolve(7),
      ),
      7,
    );
    await assert.rejects(
      settleUnlessStalled(
        1000,
        () => false,
        undefined,
        () => Promise.reject(new Error('no')),
      ),
      /no/,
    );
  });

  it('lets a task that stalled say itself what state it leaves things in', async () => {
    const run = settleUnlessStalled(
      40,
      () => false,
      undefined,
      (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => setTimeout(() => reject(new Error('a copy is kept')), 1));
        }),
    );
    await assert.rejects(run, /a copy is kept/);
  });

  it('fails a task that shows no sign of life, and aborts it', async () => {
    let seen: AbortSignal | undefined;
    const run = settleUnlessStalled(
      40,
      () => false,
      undefined,
      (signal) => ((seen = signal), never),
    );
    await assert.rejects(run, (error: unknown) => isRemoteError(error, 'Lost'));
    assert.equal(seen?.aborted, true);
  });

  it('lets a task live that goes on, however long it takes', async () => {
    const run = settleUnlessStalled(
      80,
      () => false,
      undefined,
      async (_, alive) => {
        for (let n = 0; n < 10; n += 1) {
          await pause(20);
          alive();
        }
        return 'done';
      },
    );
    assert.equal(await run, 'done');
  });

  it('does not count the time that a person takes to answer', async () => {
    let asked = true;
    const run = settleUnlessStalled(
      40,
      () => asked,
      undefined,
      () => pause(150).then(() => 'answered'),
    );
    assert.equal(await run, 'answered');
    asked = false;
  });
});
