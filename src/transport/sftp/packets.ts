import { giveBack, keep } from '../slabReads.ts';
import { maxPacketLength } from './protocol.ts';
import { SpareMemory } from './spareMemory.ts';

/** The server sent what SFTP does not allow; the connection can't go on. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

/** One field of a request: a number is a uint32, a bigint a uint64, bytes are a string with its length before it, in however many pieces. */
export type Field = number | bigint | Uint8Array | readonly Uint8Array[];

/** A whole packet with its length; `id` undefined for INIT, which has none. `memory`: where a large one is made. */
export function encodePacket(type: number, id: number | undefined, fields: readonly Field[], memory?: SpareMemory): Buffer {
  let length = id === undefined ? 1 : 5;
  for (const field of fields) length += sizeOf(field);
  const packet = memory?.take(4 + length) ?? Buffer.allocUnsafe(4 + length);
  packet.writeUInt32BE(length, 0);
  packet.writeUInt8(type, 4);
  let at = 5;
  if (id !== undefined) at = packet.writeUInt32BE(id, at);
  for (const field of fields) at = putField(packet, at, field);
  return packet;
}

function sizeOf(field: Field): number {
  if (typeof field === 'number') return 4;
  return typeof field === 'bigint' ? 8 : 4 + lengthOf(field);
}

function lengthOf(bytes: Uint8Array | readonly Uint8Array[]): number {
  return bytes instanceof Uint8Array ? bytes.length : bytes.reduce((sum, piece) => sum + piece.length, 0);
}

function putField(packet: Buffer, at: number, field: Field): number {
  if (typeof field === 'number') return packet.writeUInt32BE(field, at);
  if (typeof field === 'bigint') return packet.writeBigUInt64BE(field, at);
  let end = packet.writeUInt32BE(lengthOf(field), at);
  for (const piece of field instanceof Uint8Array ? [field] : field) {
    packet.set(piece, end);
    end += piece.length;
  }
  return end;
}

/** Reads the fields of one packet in order; every read past its end is a `ProtocolError`. */
export class PacketReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  byte(): number {
    return this.#bytes.readUInt8(this.#advance(1));
  }

  uint32(): number {
    return this.#bytes.readUInt32BE(this.#advance(4));
  }

  /** The greatest safe number stands for all above: limits and free space may well be "no limit", and nobody has such files. */
  uint64(): number {
    const value = this.#bytes.readBigUInt64BE(this.#advance(8));
    return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value);
  }

  /** A view, not a copy. */
  string(): Buffer {
    const length = this.uint32();
    const start = this.#advance(length);
    return this.#bytes.subarray(start, start + length);
  }

  text(): string {
    return this.string().toString('utf8');
  }

  /** All that is left; a view, not a copy. */
  rest(): Buffer {
    const start = this.#advance(this.remaining);
    return this.#bytes.subarray(start);
  }

  #advance(length: number): number {
    if (length > this.remaining) throw new ProtocolError('a packet ended too early');
    const start = this.#at;
    this.#at += length;
    return start;
  }
}

/** Cuts a byte stream into packets. Large ones are in memory that is used again once it is given back. */
export class PacketSplitter {
  readonly #memory = new SpareMemory();
  readonly #length = Buffer.alloc(4);
  #lengthBytes = 0;
  /** One whose rest is waited for. */
  #packet: Buffer | undefined;
  #filled = 0;

  /** Calls `take` for each packet that is complete now (without its length). Throws `ProtocolError` for an impossible length. */
  push(chunk: Buffer, take: (packet: Buffer) => void): void {
    let isKept = false;
    for (let at = 0; at < chunk.length;) {
      if (this.#packet === undefined) {
        at = this.#readLength(chunk, at);
        if (this.#lengthBytes < 4) break;
        const length = checkedLength(this.#length);
        this.#lengthBytes = 0;
        if (chunk.length - at >= length) {
          if (!isKept) keep(chunk);
          isKept = true;
          take(chunk.subarray(at, (at += length)));
          continue;
        }
        this.#packet = this.#memory.take(length);
        this.#filled = 0;
      }
      at = this.#fill(this.#packet, chunk, at, take);
    }
    if (!isKept) giveBack(chunk);
  }

  #readLength(chunk: Buffer, from: number): number {
    const end = Math.min(chunk.length, from + 4 - this.#lengthBytes);
    this.#lengthBytes += chunk.copy(this.#length, this.#lengthBytes, from, end);
    return end;
  }

  #fill(packet: Buffer, chunk: Buffer, from: number, take: (packet: Buffer) => void): number {
    const copied = chunk.copy(packet, this.#filled, from);
    this.#filled += copied;
    if (this.#filled === packet.length) {
      this.#packet = undefined;
      take(packet);
    }
    return from + copied;
  }
}

function checkedLength(bytes: Buffer): number {
  const length = bytes.readUInt32BE(0);
  if (length < 1 || length > maxPacketLength) throw new ProtocolError(`a packet of ${length} bytes`);
  return length;
}
