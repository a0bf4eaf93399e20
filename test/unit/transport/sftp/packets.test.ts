import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { fileAttributeFields, readFileAttributes, toAttributes } from '../../../../src/transport/sftp/fileAttributes.ts';
import { encodePacket, PacketReader, PacketSplitter, ProtocolError } from '../../../../src/transport/sftp/packets.ts';
import { namePage } from '../../../../src/transport/sftp/replies.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('SFTP packets', () => {
  it('are encoded as the draft says', () => {
    assert.equal(hex(encodePacket(1, undefined, [3])), '000000050100000003');
    assert.equal(
      hex(encodePacket(5, 7, [Buffer.from('h'), 1n << 33n, 32768])),
      '00000016' + '05' + '00000007' + '0000000168' + '0000000200000000' + '00008000',
    );
  });

  it('come out of the stream whole, however it is cut', () => {
    const packets = [encodePacket(101, 1, []), encodePacket(103, 2, [randomBytes(5000)]), encodePacket(104, 3, [0])];
    const stream = Buffer.concat(packets);
    for (const size of [1, 2, 3, 7, 100, 4999, stream.length]) {
      const splitter = new PacketSplitter();
      const got: string[] = [];
      for (let at = 0; at < stream.length; at += size) splitter.push(stream.subarray(at, at + size), (packet) => got.push(hex(packet)));
      assert.deepEqual(
        got,
        packets.map((packet) => hex(packet.subarray(4))),
        `pieces of ${size}`,
      );
    }
  });

  it('of impossible length are refused before they are waited for', () => {
    for (const length of [0, 1024 * 1024 + 1, 0xffffffff]) {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(length);
      assert.throws(() => new PacketSplitter().push(bytes, () => {}), ProtocolError);
    }
  });

  it('never read past their end', () => {
    const reader = new PacketReader(Buffer.from('00000005616263', 'hex'));
    assert.throws(() => reader.string(), ProtocolError);
    assert.throws(() => new PacketReader(Buffer.alloc(3)).uint32(), ProtocolError);
    assert.equal(new PacketReader(Buffer.alloc(8, 0xff)).uint64(), Number.MAX_SAFE_INTEGER);
    assert.throws(() => namePage(new PacketReader(Buffer.from('ffffffff', 'hex'))), ProtocolError);
  });

  it('of random bytes give values or ProtocolErrors', () => {
    for (let round = 0; round < 20_000; round++) {
      const bytes = randomBytes(Math.floor(Math.random() * 60));
      if (round % 2 === 0) bytes.fill(0, 0, Math.min(6, bytes.length));
      for (const parse of [readFileAttributes, (reader: PacketReader) => namePage(reader).next()]) {
        try {
          parse(new PacketReader(bytes));
        } catch (error) {
          assert.ok(error instanceof ProtocolError);
        }
      }
    }
  });
});

describe('SFTP attributes', () => {
  it('go out and come back', () => {
    for (const attributes of [{}, { size: 2 ** 40 }, { permissions: 0o100644 }, { uid: 1, gid: 2 }, { atime: 1, mtime: 0xffffffff }]) {
      const packet = encodePacket(9, 1, fileAttributeFields(attributes));
      const back = readFileAttributes(new PacketReader(packet.subarray(9)));
      for (const [name, value] of Object.entries(back)) assert.equal(value, (attributes as Record<string, unknown>)[name], name);
    }
  });

  it('tell kinds, by the line where the mode does not', () => {
    for (const [permissions, longname, kind] of [
      [0o100644, '', 'file'],
      [0o040755, '', 'directory'],
      [0o120777, '', 'symlink'],
      [0o010644, '', 'other'],
      [0o755, 'drwxr-xr-x    2 a b 0 Jan 1 1970 x', 'directory'],
      [undefined, 'lrwxrwxrwx    1 a b 0 Jan 1 1970 x', 'symlink'],
      [undefined, 'something', 'file'],
    ] as const) {
      assert.equal(toAttributes({ permissions }, longname).kind, kind);
    }
    assert.equal(toAttributes({}, '-rw-r--r--    12 a b 0 Jan 1 1970 x').links, 12);
    assert.equal(toAttributes({}, '-rw-r--r--+ 3 a b').links, 3);
    assert.equal(toAttributes({}, '01-01-70  12:00AM  <DIR> x').links, undefined);
    assert.equal(toAttributes({ permissions: 0o040755, size: 4096 }).size, 0);
    assert.equal(toAttributes({ mtime: 0xffffffff }).mtime, 0xffffffff * 1000);
  });
});
