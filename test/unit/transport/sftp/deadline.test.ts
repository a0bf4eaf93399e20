import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Deadline } from '../../../../src/transport/sftp/deadline.ts';

describe('deadline', () => {
  it('expires once', async () => {
    let expired = 0;
    new Deadline(5, () => expired++);
    await sleep(60);
    assert.equal(expired, 1);
  });

  it('stands still while something is awaited, also twice at once, and goes on after', async () => {
    let expired = 0;
    const deadline = new Deadline(30, () => expired++);
    const given = await Promise.all([deadline.pause(() => sleep(80, 'a')), deadline.pause(() => sleep(40, 'b'))]);
    assert.deepEqual([given, expired], [['a', 'b'], 0]);
    await sleep(120);
    assert.equal(expired, 1);
  });

  it('goes on after a question that failed', async () => {
    let expired = 0;
    const deadline = new Deadline(20, () => expired++);
    await assert.rejects(
      deadline.pause(() => Promise.reject(new Error('no'))),
      /no/,
    );
    await sleep(100);
    assert.equal(expired, 1);
  });

  it('never expires when it has ended, also within a question', async () => {
    let expired = 0;
    const deadline = new Deadline(10, () => expired++);
    await deadline.pause(() => {
      deadline.end();
      return Promise.resolve();
    });
    await sleep(50);
    assert.equal(expired, 0);
  });
});
