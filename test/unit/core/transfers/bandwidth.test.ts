import assert from 'node:assert/strict';
import { createBandwidth } from '../../../../src/core/transfers/bandwidth.ts';
import { fakeClock, turns } from '../../../support/fakeClock.ts';

describe('the bandwidth of transfers', () => {
  const forever = new AbortController().signal;

  it('lets as much through in a time as the limit says, whoever asks', async () => {
    const clock = fakeClock();
    const bandwidth = createBandwidth(clock, () => 1000);
    let gone = 0;
    const send = async () => {
      for (let chunk = 0; chunk < 50; chunk += 1) {
        await bandwidth.take(100, forever);
        gone += 100;
      }
    };
    const all = Promise.all([send(), send()]);
    await clock.pass(2000);
    assert.ok(gone >= 1800 && gone <= 2500, `${gone}`);
    await clock.pass(10_000);
    assert.equal(gone, 10_000);
    await all;
    assert.equal(clock.pending, 0);
  });

  it('takes another limit at once, and none', async () => {
    const clock = fakeClock();
    let limit = 10;
    const bandwidth = createBandwidth(clock, () => limit);
    await bandwidth.take(1000, forever);
    let isThrough = false;
    const taking = bandwidth.take(1000, forever).then(() => (isThrough = true));
    await clock.pass(5000);
    assert.equal(isThrough, false);
    limit = 0;
    bandwidth.changed();
    await taking;
    await bandwidth.take(1e9, forever);
    assert.equal(bandwidth.slice, Infinity);
    assert.equal(clock.pending, 0);
  });

  it('lets go who is not wanted any more, and nobody waits for them', async () => {
    const clock = fakeClock();
    const bandwidth = createBandwidth(clock, () => 1000);
    await bandwidth.take(1000, forever);
    const unwanted = new AbortController();
    const refused = assert.rejects(bandwidth.take(1e9, unwanted.signal), { code: 'Cancelled' });
    const next = bandwidth.take(10, forever);
    await turns();
    unwanted.abort();
    await refused;
    await clock.pass(2000);
    await next;
    assert.equal(clock.pending, 0);
  });
});
