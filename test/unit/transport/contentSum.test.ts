import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { sumAlgorithms, summed, sumLength, type SumAlgorithm } from '../../../src/transport/contentSum.ts';
import { pattern, stream } from '../../contract/ground.ts';

async function taken(content: Uint8Array | AsyncIterable<Uint8Array>): Promise<Buffer> {
  if (content instanceof Uint8Array) return Buffer.from(content);
  const chunks: Buffer[] = [];
  for await (const chunk of content) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

describe('checksums of contents on their way', () => {
  /* Known ones of "hello". */
  const known: Readonly<Record<SumAlgorithm, string>> = {
    sha256: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
    sha512: createHash('sha512').update('hello').digest('hex'),
    sha1: 'aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d',
    md5: '5d41402abc4b2a76b9719d911017c592',
    crc32: '3610a686',
  };

  for (const algorithm of sumAlgorithms) {
    it(`${algorithm}, in one piece and in many, with a beginning that is not sent`, async () => {
      const hello = Buffer.from('hello');
      for (const content of [hello, stream(hello, 2)]) {
        const { content: passing, ...of } = summed(content, algorithm);
        assert.deepEqual(await taken(passing), hello);
        assert.deepEqual([await of.sum(), of.bytes()], [known[algorithm], 5]);
      }
      assert.equal(known[algorithm].length, sumLength(algorithm));
      for (const skipped of [0, 1, 2, 3, 5]) {
        for (const content of [hello, stream(hello, 2)]) {
          const { content: passing, ...of } = summed(content, algorithm, skipped);
          assert.deepEqual(await taken(passing), hello.subarray(skipped));
          assert.deepEqual([await of.sum(), of.bytes()], [known[algorithm], 5]);
        }
      }
    });
  }

  it('of large contents alike', async () => {
    const large = pattern(9 * 2 ** 20 + 3);
    const whole = summed(large, 'sha256');
    const pieces = summed(stream(large), 'sha256', 5_000_000);
    assert.ok((await taken(pieces.content)).equals(large.subarray(5_000_000)));
    const expected = createHash('sha256').update(large).digest('hex');
    assert.deepEqual([await whole.sum(), await pieces.sum()], [expected, expected]);
  });
});
