import assert from 'node:assert/strict';
import { setImmediate as tick } from 'node:timers/promises';
import { createTurns } from '../../../src/editor/turns.ts';

describe('turns', () => {
  it('one question at a time, in order', async () => {
    const turns = createTurns();
    const { signal } = new AbortController();
    let open = 0;
    const order: number[] = [];
    const ask = (id: number) =>
      turns(signal, async () => {
        assert.equal(++open, 1);
        await tick();
        order.push(id);
        open--;
        return id;
      });
    assert.deepEqual(await Promise.all([ask(1), ask(2), ask(3)]), [1, 2, 3]);
    assert.deepEqual(order, [1, 2, 3]);
  });

  it('an aborted question that waits is answered at once and never asked', async () => {
    const turns = createTurns();
    const first = Promise.withResolvers<string>();
    const asking = turns(new AbortController().signal, () => first.promise);
    const controller = new AbortController();
    let asked = false;
    const waiting = turns(controller.signal, () => Promise.resolve((asked = true)));
    controller.abort();
    assert.equal(await waiting, undefined);
    first.resolve('answer');
    assert.equal(await asking, 'answer');
    await tick();
    assert.equal(asked, false);
  });

  it('a failure does not stop the next one', async () => {
    const turns = createTurns();
    const { signal } = new AbortController();
    await assert.rejects(
      turns(signal, () => Promise.reject(new Error('x'))),
      /x/,
    );
    assert.equal(await turns(signal, () => Promise.resolve(1)), 1);
  });
});
