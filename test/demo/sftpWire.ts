import type { Stats } from 'node:fs';

/** SFTP version 3 (draft-ietf-secsh-filexfer-02) as a server reads and writes it. */
export const request = {
  INIT: 1,
  OPEN: 3,
  CLOSE: 4,
  READ: 5,
  WRITE: 6,
  LSTAT: 7,
  FSTAT: 8,
  SETSTAT: 9,
  FSETSTAT: 10,
  OPENDIR: 11,
  READDIR: 12,
  REMOVE: 13,
  MKDIR: 14,
  RMDIR: 15,
  REALPATH: 16,
  STAT: 17,
  RENAME: 18,
  READLINK: 19,
  SYMLINK: 20,
  EXTENDED: 200,
} as const;

export const response = { VERSION: 2, STATUS: 101, HANDLE: 102, DATA: 103, NAME: 104, ATTRS: 105, EXTENDED_REPLY: 201 } as const;

export const status = { OK: 0, EOF: 1, NO_SUCH_FILE: 2, PERMISSION_DENIED: 3, FAILURE: 4, BAD_MESSAGE: 5, OP_UNSUPPORTED: 8 } as const;

export const openFlag = { READ: 1, WRITE: 2, APPEND: 4, CREAT: 8, TRUNC: 16, EXCL: 32 } as const;

/** What a SETSTAT, OPEN or MKDIR asks for; undefined = not asked. Times are seconds. */
export interface WantedAttributes {
  readonly size: number | undefined;
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
  readonly mode: number | undefined;
  readonly times: { readonly atime: number; readonly mtime: number } | undefined;
}

/** Reads the fields of one packet in order; throws a RangeError beyond its end. */
export function packetReader(packet: Buffer) {
  let at = 0;
  const uint32 = (): number => {
    at += 4;
    return packet.readUInt32BE(at - 4);
  };
  const bytes = (): Buffer => {
    const length = uint32();
    if (at + length > packet.length) throw new RangeError('A string is longer than its packet.');
    at += length;
    return packet.subarray(at - length, at);
  };
  const uint64 = (): number => {
    at += 8;
    return Number(packet.readBigUInt64BE(at - 8));
  };
  const byte = (): number => packet.readUInt8(at++);
  const attributes = (): WantedAttributes => {
    const flags = uint32();
    return {
      size: flags & 1 ? uint64() : undefined,
      owner: flags & 2 ? { uid: uint32(), gid: uint32() } : undefined,
      mode: flags & 4 ? uint32() & 0o7777 : undefined,
      times: flags & 8 ? { atime: uint32(), mtime: uint32() } : undefined,
    };
  };
  return { byte, uint32, uint64, bytes, text: () => bytes().toString('utf8'), attributes };
}

export type PacketReader = ReturnType<typeof packetReader>;

/** A field: a number is a uint32, text and bytes carry their length. */
export type Field = number | bigint | string | Uint8Array | Stats;

/** A whole packet with its length before it. */
export function packet(type: number, ...fields: readonly Field[]): Buffer {
  const parts = fields.map(encode);
  const length = parts.reduce((sum, part) => sum + part.length, 1);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(length);
  head[4] = type;
  return Buffer.concat([head, ...parts]);
}

function encode(field: Field): Buffer {
  if (typeof field === 'number') {
    const number = Buffer.alloc(4);
    number.writeUInt32BE(field >>> 0);
    return number;
  }
  if (typeof field === 'bigint') {
    const number = Buffer.alloc(8);
    number.writeBigUInt64BE(field);
    return number;
  }
  if (typeof field === 'string' || field instanceof Uint8Array) {
    const content = Buffer.from(field);
    return Buffer.concat([encode(content.length), content]);
  }
  const seconds = (ms: number): Buffer => encode(Math.max(0, Math.floor(ms / 1000)));
  return Buffer.concat([
    ...[encode(1 | 2 | 4 | 8), encode(BigInt(field.size)), encode(field.uid), encode(field.gid), encode(field.mode)],
    ...[seconds(field.atimeMs), seconds(field.mtimeMs)],
  ]);
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A line as `ls -l` has it, UTC; the only place where SFTP 3 and FTP's LIST tell the link count. */
export function listingLine(name: string, stats: Stats, now = Date.now()): string {
  const kind = stats.isDirectory() ? 'd' : stats.isSymbolicLink() ? 'l' : '-';
  const bits = Array.from('rwxrwxrwx', (letter, index) => (stats.mode & (0o400 >> index) ? letter : '-')).join('');
  const { mtime } = stats;
  const recent = mtime.getTime() <= now && now - mtime.getTime() < 180 * 24 * 3_600_000;
  const day = `${months[mtime.getUTCMonth()] ?? ''} ${String(mtime.getUTCDate()).padStart(2)}`;
  const time = recent ? mtime.toISOString().slice(11, 16) : ` ${String(mtime.getUTCFullYear())}`;
  const columns = [
    String(stats.nlink).padStart(4),
    String(stats.uid).padEnd(8),
    String(stats.gid).padEnd(8),
    String(stats.size).padStart(8),
  ];
  return `${kind}${bits} ${columns.join(' ')} ${day} ${time} ${name}`;
}
