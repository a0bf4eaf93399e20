import assert from 'node:assert/strict';
import { defaultDeadlines, forSent } from '../../../../src/transport/ftp/deadlines.ts';

/** Whoever saves is told after so long without progress, in ms. */
const saveLimit = 20_000;
/** What a computer takes at once and the way has yet to carry. */
const buffered = 160_000;

describe('the confirmation of an FTP upload', () => {
  const limitOf = (bytes: number): number => defaultDeadlines.confirmation + forSent(bytes);

  it('waits for what a way of 12 KB/s has yet to carry', () => {
    for (const bytes of [1, 1000, 60_000, buffered, 1_000_000, 100_000_000])
      assert.ok(limitOf(bytes) >= Math.min(bytes, buffered) / 12, `${bytes}`);
  });

  it('is given up early enough for another connection, and at all', () => {
    for (const bytes of [0, 1000, buffered, 2 ** 20]) assert.ok(limitOf(bytes) < saveLimit - 5000, `${bytes}`);
    assert.ok(limitOf(1e12) <= 60_000);
  });
});
