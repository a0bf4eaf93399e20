import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRemoteError, RemoteError } from '../../../src/core/errors.ts';
import { Deadline } from '../../../src/transport/deadline.ts';

describe('deadline', () => {
  const outer = () => new AbortController().signal;
  const expired = () => new RemoteError('Unreachable', 'Too late.');

  it('expires with its reason', async () => {
    const { signal } = new Deadline(5, outer(), expired);
    await sleep(60);
    assert.ok(isRemoteError(signal.reason, 'Unreachable'));
  });

  it('stands still while something is awaited, also twice at once, and goes on after', async () => {
    const deadline = new Deadline(30, outer(), expired);
    const given = await Promise.all([deadline.whileAsking(() => sleep(80, 'a')), deadline.whileAsking(() => sleep(40, 'b'))]);
    assert.deepEqual([given, deadline.signal.aborted], [['a', 'b'], false]);
    await sleep(120);
    assert.ok(deadline.signal.aborted);
  });

  it('goes on after a question that failed', async () => {
    const deadline = new Deadline(20, outer(), expired);
    await assert.rejects(
      deadline.whileAsking(() => Promise.reject(new Error('no'))),
      /no/,
    );
    await sleep(100);
    assert.ok(deadline.signal.aborted);
  });

  it('never expires when it has ended, also within a question', async () => {
    const controller = new AbortController();
    const deadline = new Deadline(10, controller.signal, expired);
    await deadline.whileAsking(() => {
      deadline.end();
      return Promise.resolve();
    });
    controller.abort();
    await sleep(50);
    assert.equal(deadline.signal.aborted, false);
  });

  it('follows whoever has begun it', () => {
    const controller = new AbortController();
    const deadline = new Deadline(10_000, controller.signal, expired);
    controller.abort();
    assert.ok(isRemoteError(deadline.signal.reason, 'Cancelled'));
    deadline.end();
    const late = new Deadline(10_000, controller.signal, expired);
    assert.ok(late.signal.aborted);
    late.end();
  });
});
