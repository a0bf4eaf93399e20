import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { giveBack } from '../../../../src/transport/slabReads.ts';
import { encodePacket, PacketReader, PacketSplitter } from '../../../../src/transport/sftp/packets.ts';
import { free, lendOwn, SpareMemory } from '../../../../src/transport/sftp/spareMemory.ts';

const large = 200 * 1024;

describe('spare memory', () => {
  it('is given out again once it was given back, and not before', () => {
    const memory = new SpareMemory();
    const first = memory.take(large);
    const second = memory.take(large);
    assert.notEqual(first.buffer, second.buffer);
    giveBack(first.subarray(5, 10));
    const third = memory.take(large + 1);
    assert.equal(third.buffer, first.buffer);
    assert.equal(third.length, large + 1);
    assert.notEqual(memory.take(large).buffer, third.buffer);
  });

  it('is not kept for ever', () => {
    const memory = new SpareMemory();
    const taken = Array.from({ length: 20 }, () => memory.take(large));
    taken.forEach(giveBack);
    const again = Array.from({ length: 20 }, () => memory.take(large)).filter(({ buffer }) => taken.some((one) => one.buffer === buffer));
    assert.ok(again.length > 0 && again.length < 10, String(again.length));
  });

  it('is freed where it is nobody else’s', () => {
    const alone = Buffer.allocUnsafeSlow(32 * 1024);
    free(alone);
    assert.equal(alone.length, 0);
    const lent = Buffer.allocUnsafeSlow(32 * 1024).subarray(1, 32_000 + 700);
    lendOwn(lent);
    assert.notEqual(lent.length, 0);
    giveBack(lent);
    assert.equal(lent.length, 0);
    for (const shared of [Buffer.from('little'), Buffer.alloc(100_000).subarray(0, 50_000)]) {
      const { length } = shared;
      lendOwn(shared);
      giveBack(shared);
      free(shared);
      assert.equal(shared.length, length);
    }
  });

  it('holds packets until they are given back, whose pieces are freed', () => {
    const contents = Array.from({ length: 12 }, () => randomBytes(large));
    const sent = Buffer.concat(contents.map((content, id) => encodePacket(103, id, [content])));
    const splitter = new PacketSplitter();
    const kept: Buffer[] = [];
    let packets = 0;
    for (let at = 0; at < sent.length; at += 32_768) {
      const piece = Buffer.from(sent.subarray(at, at + 32_768));
      const copy = Buffer.allocUnsafeSlow(piece.length);
      piece.copy(copy);
      lendOwn(copy);
      splitter.push(copy, (packet) => {
        const reader = new PacketReader(packet);
        reader.byte();
        const number = reader.uint32();
        const content = reader.string();
        assert.ok(contents[number]?.equals(content));
        packets += 1;
        if (number % 3 === 0) kept.push(content);
        else giveBack(content);
      });
      if (copy.length >= 32_768 / 2) assert.equal(copy.length, 0, 'freed');
    }
    assert.equal(packets, contents.length);
    kept.forEach((content, index) => assert.ok(contents[3 * index]?.equals(content), 'what was kept stays'));
  });

  it('that holds several packets is not freed with one of them', () => {
    const contents = Array.from({ length: 3 }, () => randomBytes(10_000));
    const piece = Buffer.allocUnsafeSlow(3 * 10_013);
    Buffer.concat(contents.map((content, id) => encodePacket(103, id, [content]))).copy(piece);
    lendOwn(piece);
    const found: Buffer[] = [];
    new PacketSplitter().push(piece, (packet) => found.push(packet.subarray(9)));
    giveBack(found[0] ?? piece);
    assert.ok(Buffer.concat(found).equals(Buffer.concat(contents)));
  });
});
