import assert from 'node:assert/strict';
import { HeldContents } from '../../../src/core/heldContents.ts';
import { versionOf } from '../../../src/core/operations/version.ts';

const megabyte = 1024 * 1024;

describe('held contents', () => {
  it('finds a content by its hash and by the version of its file', async () => {
    const held = new HeldContents();
    const [small, large] = [new Uint8Array(10).fill(1), new Uint8Array(2 * megabyte).fill(2)];
    const [ofSmall, ofLarge] = [await versionOf({ size: 10, mtime: 5 }, small), await versionOf({ size: large.length, mtime: 5 }, large)];
    held.hold('/a', ofSmall, small);
    held.hold('/a', ofLarge, large);
    assert.equal(held.content(ofSmall.hash ?? ''), small);
    assert.equal(held.find('/a', ofSmall), small);
    assert.equal(ofLarge.hash, undefined);
    assert.equal(held.find('/a', ofLarge), large);
    assert.equal(held.find('/other', ofLarge), undefined, 'without a hash a version is about one file only');
    assert.equal(held.find('/a', { ...ofLarge, mtime: 6 }), undefined);
  });

  it('holds at most 20 MB, none larger than 5 MB, and lets the longest unused go', () => {
    const held = new HeldContents();
    const hold = (name: string, size: number) => held.hold(`/${name}`, { size, mtime: 1, hash: name }, new Uint8Array(size));
    hold('too large', 5 * megabyte + 1);
    assert.equal(held.content('too large'), undefined);
    for (const name of ['a', 'b', 'c', 'd']) hold(name, 5 * megabyte);
    assert.ok(held.content('a'));
    hold('e', 1);
    assert.equal(held.content('b'), undefined);
    assert.deepEqual(
      ['a', 'c', 'd', 'e'].map((name) => held.content(name) !== undefined),
      [true, true, true, true],
    );
    hold('e', 1);
    assert.ok(held.content('c'), 'a content that is held again takes no further room');
  });
});
