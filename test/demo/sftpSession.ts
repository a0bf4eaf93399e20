import type { Dir, Stats } from 'node:fs';
import { link, lstat, mkdir, opendir, rename, rmdir, stat, symlink, unlink, type FileHandle } from 'node:fs/promises';
import { posix } from 'node:path';
import type { Duplex } from 'node:stream';
import type { ConfinedFolder } from './confinedFolder.ts';
import { fileSystemFields, openFile, renameWithoutReplacing, setAttributes, setHandleAttributes, setLinkAttributes } from './sftpFiles.ts';
import { listingLine, packet, packetReader, request, response, status, type Field, type PacketReader } from './sftpWire.ts';

/** What VERSION announces, as OpenSSH does. */
const extensions = {
  'posix-rename@openssh.com': '1',
  'hardlink@openssh.com': '1',
  'fsync@openssh.com': '1',
  'lsetstat@openssh.com': '1',
  'statvfs@openssh.com': '2',
};

const maxPacket = 256 * 1024;
const namesInOneReply = 100;

type Open = { readonly file: FileHandle } | { readonly folder: Dir; readonly path: string };

/** A reply without its id. */
interface Reply {
  readonly type: number;
  readonly fields: readonly Field[];
}

const ok: Reply = { type: response.STATUS, fields: [status.OK, 'Success', ''] };
const end: Reply = { type: response.STATUS, fields: [status.EOF, 'End of file', ''] };

/** Serves one SFTP channel from a folder: requests are answered one after another, in their order, as OpenSSH does. Settles when the channel ends. */
export async function serveSftp(channel: Duplex, folder: ConfinedFolder): Promise<void> {
  const handles: (Open | undefined)[] = [];
  try {
    for await (const bytes of packets(channel)) {
      const reader = packetReader(bytes);
      const type = reader.byte();
      if (type === request.INIT) channel.write(packet(response.VERSION, 3, ...Object.entries(extensions).flat()));
      else await send(channel, reader.uint32(), await answer(type, reader, folder, handles));
    }
  } catch {
    // The channel broke, or what came is not SFTP: it ends.
  } finally {
    channel.destroy();
    for (const one of handles) await close(one).catch(() => {});
  }
}

async function send(channel: Duplex, id: number, reply: Reply): Promise<void> {
  if (!channel.write(packet(reply.type, id, ...reply.fields))) {
    await new Promise<void>((resolve) => {
      const go = (): void => {
        channel.off('drain', go).off('close', go);
        resolve();
      };
      channel.once('drain', go).once('close', go);
    });
  }
}

async function* packets(channel: Duplex): AsyncGenerator<Buffer> {
  let pending: Buffer = Buffer.alloc(0);
  for await (const chunk of channel as AsyncIterable<Buffer>) {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    while (pending.length >= 4) {
      const length = pending.readUInt32BE();
      if (length === 0 || length > maxPacket) throw new RangeError('No SFTP packet.');
      if (pending.length < length + 4) break;
      yield pending.subarray(4, length + 4);
      pending = pending.subarray(length + 4);
    }
  }
}

async function answer(type: number, reader: PacketReader, folder: ConfinedFolder, handles: (Open | undefined)[]): Promise<Reply> {
  try {
    const byHandle = await answerHandle(type, reader, folder, handles);
    return byHandle ?? (await answerPath(type, reader, folder));
  } catch (error) {
    return failure(error);
  }
}

/** As OpenSSH's errno_to_portable. */
function failure(error: unknown): Reply {
  const { code, message } = error as NodeJS.ErrnoException;
  const say = (number: number, text: string): Reply => ({ type: response.STATUS, fields: [number, text, ''] });
  if (error instanceof RangeError || code === 'EINVAL' || code === 'ENAMETOOLONG') return say(status.BAD_MESSAGE, 'Bad message');
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP' || code === 'EBADF') return say(status.NO_SUCH_FILE, 'No such file');
  if (code === 'EACCES' || code === 'EPERM') return say(status.PERMISSION_DENIED, 'Permission denied');
  return say(status.FAILURE, code === undefined ? message : 'Failure');
}

async function answerHandle(
  type: number,
  reader: PacketReader,
  folder: ConfinedFolder,
  handles: (Open | undefined)[],
): Promise<Reply | undefined> {
  switch (type) {
    case request.OPEN:
      return handleReply(handles, { file: await openFile(folder, reader.text(), reader.uint32(), reader.attributes()) });
    case request.OPENDIR: {
      const path = reader.text();
      return handleReply(handles, { folder: await opendir(await folder.followed(path)), path });
    }
    case request.CLOSE: {
      const index = reader.bytes().readUInt32BE();
      const one = handles[index];
      handles[index] = undefined;
      if (one === undefined) throw badHandle();
      await close(one);
      return ok;
    }
    case request.READ:
      return read(fileOf(handles, reader), reader.uint64(), reader.uint32());
    case request.WRITE: {
      const file = fileOf(handles, reader);
      await writeAll(file, reader.uint64(), reader.bytes());
      return ok;
    }
    case request.FSTAT:
      return attributes(await fileOf(handles, reader).stat());
    case request.FSETSTAT:
      await setHandleAttributes(fileOf(handles, reader), reader.attributes());
      return ok;
    case request.READDIR: {
      const one = handles[reader.bytes().readUInt32BE()];
      if (one === undefined || !('folder' in one)) throw badHandle();
      return readFolder(one.folder, one.path, folder);
    }
    case request.EXTENDED:
      return answerExtension(reader.text(), reader, folder, handles);
    default:
      return undefined;
  }
}

async function answerPath(type: number, reader: PacketReader, folder: ConfinedFolder): Promise<Reply> {
  const path = reader.text();
  switch (type) {
    case request.LSTAT:
      return attributes(await lstat(await folder.entry(path)));
    case request.STAT:
      return attributes(await stat(await folder.followed(path)));
    case request.SETSTAT:
      await setAttributes(await folder.followed(path), reader.attributes());
      return ok;
    case request.REMOVE:
      await removeFile(await folder.entry(path));
      return ok;
    case request.MKDIR:
      await mkdir(await folder.entry(path), { mode: reader.attributes().mode ?? 0o777 });
      return ok;
    case request.RMDIR:
      await rmdir(await folder.entry(path));
      return ok;
    case request.REALPATH:
      return names([[posix.resolve('/', path), undefined]]);
    case request.READLINK:
      return names([[await folder.readTarget(path), undefined]]);
    case request.RENAME: {
      const [from, to] = [await folder.entry(path), await folder.entry(reader.text())];
      const renamed = await renameWithoutReplacing(from, to, () => rename(from, to));
      if (!renamed) await unlink(from);
      return ok;
    }
    case request.SYMLINK:
      /* OpenSSH's order, which clients follow: what the link holds, then the link. */
      await symlink(folder.storedTarget(path), await folder.entry(reader.text()));
      return ok;
    default:
      return { type: response.STATUS, fields: [status.OP_UNSUPPORTED, 'Operation unsupported', ''] };
  }
}

async function answerExtension(name: string, reader: PacketReader, folder: ConfinedFolder, handles: (Open | undefined)[]): Promise<Reply> {
  switch (name) {
    case 'posix-rename@openssh.com':
      await rename(await folder.entry(reader.text()), await folder.entry(reader.text()));
      return ok;
    case 'hardlink@openssh.com':
      await link(await folder.entry(reader.text()), await folder.entry(reader.text()));
      return ok;
    case 'fsync@openssh.com':
      await fileOf(handles, reader).sync();
      return ok;
    case 'lsetstat@openssh.com':
      await setLinkAttributes(await folder.entry(reader.text()), reader.attributes());
      return ok;
    case 'statvfs@openssh.com':
      return { type: response.EXTENDED_REPLY, fields: await fileSystemFields(await folder.followed(reader.text())) };
    default:
      return { type: response.STATUS, fields: [status.OP_UNSUPPORTED, 'Operation unsupported', ''] };
  }
}

/** The lowest free number, as OpenSSH gives them. */
function handleReply(handles: (Open | undefined)[], one: Open): Reply {
  const free = handles.indexOf(undefined);
  const index = free === -1 ? handles.length : free;
  handles[index] = one;
  const name = Buffer.alloc(4);
  name.writeUInt32BE(index);
  return { type: response.HANDLE, fields: [name] };
}

function fileOf(handles: readonly (Open | undefined)[], reader: PacketReader): FileHandle {
  const one = handles[reader.bytes().readUInt32BE()];
  if (one === undefined || !('file' in one)) throw badHandle();
  return one.file;
}

function badHandle(): Error {
  return new Error('Invalid handle');
}

async function close(one: Open | undefined): Promise<void> {
  if (one !== undefined) await ('file' in one ? one.file.close() : one.folder.close());
}

async function read(file: FileHandle, offset: number, length: number): Promise<Reply> {
  const buffer = Buffer.alloc(Math.min(length, maxPacket - 1024));
  const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
  return bytesRead === 0 && length > 0 ? end : { type: response.DATA, fields: [buffer.subarray(0, bytesRead)] };
}

async function writeAll(file: FileHandle, offset: number, content: Buffer): Promise<void> {
  for (let written = 0; written < content.length;) {
    const { bytesWritten } = await file.write(content, written, content.length - written, offset + written);
    written += bytesWritten;
  }
}

async function removeFile(local: string): Promise<void> {
  /* Node's unlink of a folder answers differently from system to system. */
  if ((await lstat(local)).isDirectory()) throw new Error('Failure');
  await unlink(local);
}

async function readFolder(dir: Dir, path: string, folder: ConfinedFolder): Promise<Reply> {
  const found: [string, Stats][] = [];
  while (found.length < namesInOneReply) {
    const next = await dir.read();
    if (next === null) break;
    const stats = await lstat(await folder.entry(posix.join(path, next.name))).catch(() => undefined);
    if (stats !== undefined) found.push([next.name, stats]);
  }
  return found.length === 0 ? end : names(found);
}

function names(all: readonly (readonly [string, Stats | undefined])[]): Reply {
  const one = ([name, stats]: readonly [string, Stats | undefined]): Field[] =>
    stats === undefined ? [name, name, 0] : [name, listingLine(name, stats), stats];
  return { type: response.NAME, fields: [all.length, ...all.flatMap(one)] };
}

function attributes(stats: Stats): Reply {
  return { type: response.ATTRS, fields: [stats] };
}
