import { RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import type { Scope } from './scope.ts';
import type { Session } from './session.ts';
import { failure } from './sftpErrors.ts';

/** `group` by number; the owner goes with it, since version 3 sets only both. */
export async function setGroup(session: Session, scope: Scope, path: string, group: string): Promise<void> {
  if (!/^\d{1,10}$/.test(group)) throw new RemoteError('Unsupported', t('SFTP knows groups by number only.'), { path });
  const { uid } = await session.stat(scope, path);
  if (uid === undefined) throw failure('Unsupported', path);
  await session.setAttributes(scope, path, { uid, gid: Number(group) });
}

/** `mtime` in milliseconds; the access time stays, since version 3 sets only both. */
export async function setMtime(session: Session, scope: Scope, path: string, mtime: number): Promise<void> {
  const seconds = toSeconds(mtime);
  const { atime } = await session.stat(scope, path);
  await session.setAttributes(scope, path, { atime: atime ?? seconds, mtime: seconds });
}

/** As version 3 has it, of milliseconds. */
export function toSeconds(time: number): number {
  return Math.min(Math.max(Math.floor(time / 1000), 0), 0xffffffff);
}
