import assert from 'node:assert/strict';
import { Pace } from '../../../../src/transport/sftp/pace.ts';

const mega = 1024 * 1024;

describe('how much of a file is in flight', () => {
  /** What a line makes of the window whose answers come one after another at its speed. */
  function over(bytesPerMs: number, rtt: number, isAwaited = true): Pace {
    const pace = new Pace({ window: 2 * mega, most: 8 * mega, chunk: 32 * 1024, mostChunk: 255 * 1024 });
    for (let answer = 0; answer < 500; answer += 1) {
      const inFlight = Math.min(pace.window, (answer + 1) * pace.chunk);
      pace.answered(inFlight, Math.max(rtt, inFlight / bytesPerMs));
      if (isAwaited) pace.starved();
    }
    return pace;
  }

  it('grows on a fast line, to a bound', () => {
    assert.deepEqual([over(100_000, 1).window, over(100_000, 100).window], [8 * mega, 8 * mega]);
    assert.equal(over(100_000, 1).chunk, 255 * 1024);
  });

  it('does not grow while it is the content that holds things up', () => {
    assert.equal(over(100_000, 50, false).window, 2 * mega);
  });

  it('grows on a fast line, however long it is', () => {
    assert.equal(over(100_000, 900).window, 8 * mega);
  });

  it('is what a slow line carries before a person notices, and never nothing', () => {
    const { window, chunk } = over(2000, 20);
    assert.ok(window > 400_000 && window < 1_000_000, `${window} bytes`);
    assert.ok(chunk >= 32 * 1024 && chunk < 130_000, `${chunk} bytes`);
    assert.equal(over(10, 20).window, 256 * 1024);
  });

  it('asks for no more at once than the server was seen to give', () => {
    const pace = new Pace({ window: 2 * mega, most: 8 * mega, chunk: 255 * 1024, mostChunk: 255 * 1024 });
    pace.limit(4096);
    pace.answered(mega, 1);
    pace.starved();
    assert.equal(pace.chunk, 4096);
  });
});
