import assert from 'node:assert/strict';
import { resumeThere } from '../../../../src/core/transfers/resumeThere.ts';
import { type MemoryOptions, MemoryRemote, MemoryServer } from '../../../support/memoryRemote.ts';

const mebibyte = 2 ** 20;
const size = 7 * mebibyte + 12_345;
/** Of the half-sent file; more than is compared as a whole. */
const sent = 6 * mebibyte + 77;
const place = 512 * 1024;
const content = Buffer.from(Uint8Array.from({ length: size }, (_, index) => (index * 31 + (index >> 9) * 7) % 251));

/** Where the eight places begin: the first at the beginning, the last up to the end, the others as far apart. */
const begins = Array.from({ length: 8 }, (_, index) => Math.floor(((sent - place) / 7) * index));

function makeGround(options: MemoryOptions = {}) {
  const [disk, server] = [new MemoryServer(), new MemoryServer()];
  const [from, to] = [new MemoryRemote(disk), new MemoryRemote(server, options)];
  disk.file('/big', content);
  const { mtime } = disk.find('/big', true)!;
  let taken = 0;
  const bandwidth = { slice: Infinity, take: (bytes: number) => Promise.resolve(void (taken += bytes)), changed() {} };
  /** Goes on with `there`, as somebody left it. */
  const resume = async (there: Uint8Array) => {
    server.file('/big', there);
    const given = { mode: undefined, mtime: undefined };
    const filling = { ...{ from, to, source: '/big', partial: '/big', size, mtime, given, bandwidth } };
    const outcome = await resumeThere(filling, await to.stat('/big'), { signal: new AbortController().signal });
    return { outcome, taken, now: server.find('/big', true)!.bytes };
  };
  return { resume, to };
}

function changedAt(position: number): Buffer {
  const half = Buffer.from(content.subarray(0, sent));
  half[position] = (half[position] ?? 0) ^ 1;
  return half;
}

describe('a half-sent file of more than 4 MB', () => {
  it('is gone on with where all eight places agree: what is there is not sent again', async () => {
    const { outcome, taken, now } = await makeGround().resume(content.subarray(0, sent));
    assert.equal(outcome, 'done');
    assert.equal(taken, size - sent);
    assert.ok(content.equals(now));
  });

  for (const [index, begin] of begins.entries())
    for (const [where, position] of [
      ['first', begin],
      ['last', begin + place - 1],
    ] as const)
      it(`is no beginning where the ${where} byte of place ${index + 1} is another: it is left as it is`, async () => {
        const half = changedAt(position);
        const { resume, to } = makeGround();
        const { outcome, taken, now } = await resume(half);
        assert.equal(outcome, 'other');
        assert.deepEqual([taken, to.calls.filter((call) => call.startsWith('resume') || call.startsWith('write'))], [0, []]);
        assert.ok(half.equals(now));
      });

  it('is compared as it may end, where the server may have gaps at its end', async () => {
    const { resume } = makeGround({ facts: { mayHaveGaps: mebibyte } });
    // What stands behind the place from which it is gone on with does not count, since it is sent anew.
    const { outcome, taken, now } = await resume(changedAt(sent - 1));
    assert.equal(outcome, 'done');
    assert.equal(taken, size - sent + mebibyte);
    assert.ok(content.equals(now));
  });

  it('is compared to its last byte where it has all of them', async () => {
    const whole = Buffer.from(content);
    assert.equal((await makeGround().resume(whole)).outcome, 'whole');
    whole[size - 1] = 255;
    assert.equal((await makeGround().resume(whole)).outcome, 'other');
  });
});
