import { constants, type Stats } from 'node:fs';
import { chmod, chown, lchown, link, lstat, lutimes, open, statfs, truncate, utimes, type FileHandle } from 'node:fs/promises';
import { openFlag, type Field, type WantedAttributes } from './sftpWire.ts';
import type { ConfinedFolder } from './confinedFolder.ts';

/** What SSH_FXP_OPEN's flags mean to the local disk. */
function localFlags(flags: number): number {
  const reads = (flags & openFlag.READ) !== 0;
  const writes = (flags & openFlag.WRITE) !== 0;
  return (
    (reads && writes ? constants.O_RDWR : writes ? constants.O_WRONLY : constants.O_RDONLY) |
    (flags & openFlag.APPEND ? constants.O_APPEND : 0) |
    (flags & openFlag.CREAT ? constants.O_CREAT : 0) |
    (flags & openFlag.TRUNC ? constants.O_TRUNC : 0) |
    (flags & openFlag.EXCL ? constants.O_EXCL : 0)
  );
}

/** Opens what `path` leads to; a file that is not there yet is made beside its parents. */
export async function openFile(folder: ConfinedFolder, path: string, flags: number, wanted: WantedAttributes): Promise<FileHandle> {
  const creates = (flags & openFlag.CREAT) !== 0;
  const exclusive = (flags & openFlag.EXCL) !== 0;
  const local = exclusive
    ? await folder.entry(path)
    : await folder.followed(path).catch((error: unknown) => newEntry(folder, path, creates, error));
  return open(local, localFlags(flags), wanted.mode ?? 0o666);
}

/** A link that leads nowhere, or out, is never created through. */
async function newEntry(folder: ConfinedFolder, path: string, creates: boolean, error: unknown): Promise<string> {
  if (!creates || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  const local = await folder.entry(path);
  if ((await lstat(local).catch(() => undefined)) !== undefined) throw error;
  return local;
}

export async function setAttributes(local: string, wanted: WantedAttributes): Promise<void> {
  if (wanted.size !== undefined) await truncate(local, wanted.size);
  if (wanted.mode !== undefined) await chmod(local, wanted.mode);
  if (wanted.owner !== undefined) await chown(local, wanted.owner.uid, wanted.owner.gid);
  if (wanted.times !== undefined) await utimes(local, wanted.times.atime, wanted.times.mtime);
}

export async function setHandleAttributes(file: FileHandle, wanted: WantedAttributes): Promise<void> {
  if (wanted.size !== undefined) await file.truncate(wanted.size);
  if (wanted.mode !== undefined) await file.chmod(wanted.mode);
  if (wanted.owner !== undefined) await file.chown(wanted.owner.uid, wanted.owner.gid);
  if (wanted.times !== undefined) await file.utimes(wanted.times.atime, wanted.times.mtime);
}

/** lsetstat@openssh.com: of a link itself. */
export async function setLinkAttributes(local: string, wanted: WantedAttributes): Promise<void> {
  if (wanted.owner !== undefined) await lchown(local, wanted.owner.uid, wanted.owner.gid);
  if (wanted.times !== undefined) await lutimes(local, wanted.times.atime, wanted.times.mtime);
}

/**
 * SSH_FXP_RENAME never replaces (draft-ietf-secsh-filexfer-02 §6.5): a hard link to the new name fails where there is one, in one
 * step. Folders can't be linked; for them a look has to do.
 */
export async function renameWithoutReplacing(from: string, to: string, rename: () => Promise<void>): Promise<boolean> {
  const stats: Stats = await lstat(from);
  if (stats.isFile()) {
    try {
      await link(from, to);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error;
      return renameAfterLook(to, rename);
    }
    return false;
  }
  return renameAfterLook(to, rename);
}

async function renameAfterLook(to: string, rename: () => Promise<void>): Promise<boolean> {
  if ((await lstat(to).catch(() => undefined)) !== undefined) throw Object.assign(new Error('File exists'), { code: 'EEXIST' });
  await rename();
  return true;
}

/** The reply to statvfs@openssh.com (OpenSSH's PROTOCOL, 4.4). */
export async function fileSystemFields(local: string): Promise<Field[]> {
  const system = await statfs(local, { bigint: true });
  return [system.bsize, system.bsize, system.blocks, system.bfree, system.bavail, system.files, system.ffree, system.ffree, 0n, 0n, 255n];
}
