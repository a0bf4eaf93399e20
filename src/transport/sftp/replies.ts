import { readFileAttributes, type FileAttributes } from './fileAttributes.ts';
import { ProtocolError, type PacketReader } from './packets.ts';
import { packetType, statusCode } from './protocol.ts';
import { StatusError } from './sftpErrors.ts';

/** A page of a folder; `next` gives its entries one by one and throws a `ProtocolError` where they end too early. */
export interface NamePage {
  readonly count: number;
  readonly size: number;
  next(): { readonly name: Buffer; readonly longname: Buffer; readonly attributes: FileAttributes };
}

/** OK or EOF; throws what else the server said. */
export function readStatus(type: number, reply: PacketReader): number {
  if (type !== packetType.STATUS) throw new ProtocolError(`a reply of type ${type}`);
  const status = reply.uint32();
  if (status === statusCode.OK || status === statusCode.EOF) return status;
  // Some servers leave out the text that version 3 has.
  throw new StatusError(status, reply.remaining >= 4 ? reply.text() : '');
}

export function throwStatus(type: number, reply: PacketReader): never {
  const status = readStatus(type, reply);
  if (status === statusCode.EOF) throw new StatusError(status, 'End of file');
  throw new ProtocolError('OK where a value was asked for');
}

export function expectOk(type: number, reply: PacketReader): void {
  if (readStatus(type, reply) !== statusCode.OK) throw new ProtocolError('end of file where none can be');
}

export function expectEnd(type: number, reply: PacketReader): void {
  if (readStatus(type, reply) !== statusCode.EOF) throw new ProtocolError('OK where data was asked for');
}

export function namePage(reply: PacketReader): NamePage {
  const size = reply.remaining;
  const count = reply.uint32();
  // A name, a long name and attributes take 12 bytes at least.
  if (count * 12 > size) throw new ProtocolError(`${count} names in ${size} bytes`);
  return { count, size, next: () => ({ name: reply.string(), longname: reply.string(), attributes: readFileAttributes(reply) }) };
}
