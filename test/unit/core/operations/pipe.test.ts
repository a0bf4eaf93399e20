import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { RemoteError } from '../../../../src/core/errors.ts';
import { createPipe } from '../../../../src/core/operations/pipe.ts';

const chunk = Uint8Array.of(1, 2, 3);

/** What has become of a promise by now. */
async function fateOf(promise: Promise<unknown>): Promise<string> {
  let fate = 'open';
  promise.then(
    () => (fate = 'resolved'),
    (error: unknown) => (fate = error instanceof RemoteError ? error.code : String(error)),
  );
  await turn();
  return fate;
}

describe('a pipe', () => {
  it('keeps a chunk for the reader until that asks for the next one', async () => {
    const pipe = createPipe();
    const pushed = pipe.push(chunk);
    const reader = pipe.source[Symbol.asyncIterator]();
    assert.equal((await reader.next()).value, chunk);
    assert.equal(await fateOf(pushed), 'open', 'the reader still has it');
    const next = reader.next();
    assert.equal(await fateOf(pushed), 'resolved');
    pipe.end();
    assert.equal((await next).done, true);
  });

  it('does not leave the other side waiting for a reader that stops', async () => {
    const pipe = createPipe();
    const pushed = pipe.push(chunk);
    for await (const taken of pipe.source) if (taken === chunk) break;
    assert.equal(await fateOf(pushed), 'resolved');
  });

  it('tells the other side where the reader is given up with a chunk', async () => {
    const pipe = createPipe();
    const pushed = pipe.push(chunk);
    await pipe.source[Symbol.asyncIterator]().next();
    pipe.abandon(new RemoteError('NoSpace', 'full'));
    assert.equal(await fateOf(pushed), 'NoSpace');
    assert.equal(await fateOf(pipe.push(chunk)), 'NoSpace');
  });

  it('tells the reader why there is no more', async () => {
    const pipe = createPipe();
    pipe.end(new RemoteError('Lost', 'gone'));
    await assert.rejects(async () => {
      for await (const taken of pipe.source) assert.fail(`${taken.length} bytes`);
    }, /gone/);
  });
});
