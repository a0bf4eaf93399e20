import assert from 'node:assert/strict';
import { createTransfers, type Transfers } from '../../../src/core/transfers.ts';
import type { Pool } from '../../../src/core/pool.ts';
import { eventually } from '../../support/eventually.ts';
import { person } from './fakeVscode.ts';

const { createTransferView } = await import('../../../src/editor/transferView.ts');

describe('the notification of transfers', () => {
  const pool = { state: () => ({ state: 'connected', connections: 1, busy: 1 }), onDidChangeState: () => ({ dispose: () => {} }) };
  let transfers: Transfers;
  let view: { dispose(): void };

  /** Ends when it is cancelled, but not before `end` either. */
  const begin = (name: string, end: Promise<unknown>): AbortSignal[] => {
    const signals: AbortSignal[] = [];
    void transfers.track({ verb: 'Saving', name, hostName: 'shop' }, undefined, async (_, signal) => {
      signals.push(signal);
      await end;
    });
    return signals;
  };

  beforeEach(() => {
    person.reset();
    transfers = createTransfers();
    view = createTransferView(transfers, pool as unknown as Pool, () => false);
  });
  afterEach(() => view.dispose());

  it('is one for all that is shown, and another one for what comes after its Cancel', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const signals = ['a', 'b'].flatMap((name) => begin(name, promise));
    await eventually(() => assert.equal(person.cancels.length, 1));
    // All that were shown by now, and nothing else.
    person.cancels[0]?.();
    await eventually(() => assert.ok(signals.some(({ aborted }) => aborted)));
    const later = begin('c', promise);
    await eventually(() => assert.ok(person.cancels.length >= 2));
    await eventually(() => {
      person.cancels.at(-1)?.();
      assert.equal(later[0]?.aborted, true);
    });
    resolve(undefined);
    await eventually(() => assert.equal(transfers.running.length, 0));
  });
});
