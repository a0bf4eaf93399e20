import type { FileAttributes } from './fileAttributes.ts';
import { extension } from './protocol.ts';
import { outcome, type Scope } from './scope.ts';
import type { Ask, Session } from './session.ts';

/**
 * Whether RENAME, REMOVE and LSTAT do no more than the draft allows: these extensions are OpenSSH's own, which links and unlinks,
 * while libraries that others build servers on overwrite silently and offer posix-rename too.
 */
export function isOpenSsh(session: Session): boolean {
  return session.offers(extension.lsetstat) || session.offers(extension.limits);
}

export interface OwnEntry {
  readonly attributes: FileAttributes;
  /** The server takes what this link leads to for the link. */
  readonly followed: boolean;
}

const symlinkType = 0o120000;
const typeBits = 0o170000;

/**
 * What is at `path` itself. ProFTPD's mod_sftp follows links in LSTAT (and in RENAME and RMDIR); READLINK in the same flight tells a
 * link from what it leads to. Throws LSTAT's failure.
 */
export async function ownEntry(session: Session, scope: Scope, path: string, ask: Ask = {}): Promise<OwnEntry> {
  if (isOpenSsh(session)) return { attributes: await session.lstat(scope, path, ask), followed: false };
  const looking = outcome(session.lstat(scope, path, ask));
  const reading = outcome(session.readLink(scope, path, ask));
  const [entry, link] = await Promise.all([looking, reading]);
  if ('error' in entry) throw entry.error;
  const followed = 'value' in link && ((entry.value.permissions ?? 0) & typeBits) !== symlinkType;
  return { attributes: followed ? { permissions: symlinkType | 0o777 } : entry.value, followed };
}
