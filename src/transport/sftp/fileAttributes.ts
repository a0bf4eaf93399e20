import type { Attributes, Kind } from '../../core/remote.ts';
import type { Field, PacketReader } from './packets.ts';
import { attributeFlag } from './protocol.ts';

/** ATTRS of version 3 as sent: what a server leaves out is undefined. Times in seconds since the epoch. */
export interface FileAttributes {
  readonly size?: number | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** With the type bits of st_mode. */
  readonly permissions?: number | undefined;
  readonly atime?: number | undefined;
  readonly mtime?: number | undefined;
}

export function readFileAttributes(reader: PacketReader): FileAttributes {
  const flags = reader.uint32();
  const has = (flag: number) => (flags & flag) !== 0;
  const size = has(attributeFlag.SIZE) ? reader.uint64() : undefined;
  const [uid, gid] = has(attributeFlag.UIDGID) ? [reader.uint32(), reader.uint32()] : [];
  const permissions = has(attributeFlag.PERMISSIONS) ? reader.uint32() : undefined;
  const [atime, mtime] = has(attributeFlag.ACMODTIME) ? [reader.uint32(), reader.uint32()] : [];
  if (has(attributeFlag.EXTENDED)) skipExtended(reader);
  return { size, uid, gid, permissions, atime, mtime };
}

function skipExtended(reader: PacketReader): void {
  const count = reader.uint32();
  for (let i = 0; i < count; i++) {
    reader.string();
    reader.string();
  }
}

/** For SETSTAT, OPEN and MKDIR; uid and gid, and both times, only go together. */
export function fileAttributeFields(attributes: FileAttributes): Field[] {
  const { size, uid, gid, permissions, atime, mtime } = attributes;
  let flags = 0;
  const fields: Field[] = [];
  if (size !== undefined) {
    flags |= attributeFlag.SIZE;
    fields.push(BigInt(size));
  }
  if (uid !== undefined && gid !== undefined) {
    flags |= attributeFlag.UIDGID;
    fields.push(uid, gid);
  }
  if (permissions !== undefined) {
    flags |= attributeFlag.PERMISSIONS;
    fields.push(permissions);
  }
  if (atime !== undefined && mtime !== undefined) {
    flags |= attributeFlag.ACMODTIME;
    fields.push(atime, mtime);
  }
  return [flags, ...fields];
}

const kindOfType: Readonly<Record<number, Kind>> = { 0o04: 'directory', 0o10: 'file', 0o12: 'symlink' };
const kindOfLetter: Readonly<Record<string, Kind>> = { d: 'directory', '-': 'file', l: 'symlink' };

/** `longname` is the `ls -l` line that READDIR gives with each name: the only place for the link count. */
export function toAttributes(wire: FileAttributes, longname = ''): Attributes {
  const kind = kindOf(wire.permissions, longname);
  const links = /^[-a-z][-rwxsStTlL]{9}[.+@]?\s+(\d{1,9})\s/.exec(longname)?.[1];
  return {
    kind,
    size: kind === 'directory' ? 0 : (wire.size ?? 0),
    mtime: wire.mtime === undefined ? undefined : wire.mtime * 1000,
    mode: wire.permissions === undefined ? undefined : wire.permissions & 0o7777,
    owner: wire.uid?.toString(),
    group: wire.gid?.toString(),
    links: links === undefined ? undefined : Number(links),
    target: undefined,
    writable: undefined,
  };
}

/** Some servers send permissions without type bits, or none at all: then the line tells, and what says nothing else is a file. */
function kindOf(permissions: number | undefined, longname: string): Kind {
  const type = ((permissions ?? 0) >>> 12) & 0o17;
  if (type !== 0) return kindOfType[type] ?? 'other';
  return /^[-a-z][-rwxsStTlL]{9}/.test(longname) ? (kindOfLetter[longname.charAt(0)] ?? 'other') : 'file';
}
