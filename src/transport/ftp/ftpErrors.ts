import { isRemoteError, RemoteError, type RemoteErrorCode } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import { parent } from '../../core/path.ts';
import type { Attributes } from '../../core/remote.ts';
import { said } from './controlConnection.ts';
import { isCrowded, isNotImplemented, type Reply } from './reply.ts';

export type Action = 'look' | 'list' | 'read' | 'write' | 'mkdir' | 'unlink' | 'rmdir' | 'renameFrom' | 'renameTo' | 'change';

/** How the truth is found out: only on the way of a failure. */
export interface Looks {
  /** The entry itself; undefined where nothing is there. */
  look(path: string): Promise<Attributes | undefined>;
  /** What a link leads to; undefined where that is nothing. */
  follow(path: string): Promise<Attributes | undefined>;
  /** Whether the folder holds anything. */
  holdsAnything(path: string): Promise<boolean>;
}

/**
 * What a refusal means. Reply codes are few (550 is nearly everything) and the words are in the administrator's language, so where the
 * code does not tell, the server is asked what is there.
 */
export async function explain(reply: Reply, path: string, action: Action, looks: Looks): Promise<RemoteError> {
  const plain = byReply(reply, path);
  if (plain) return plain;
  const found = await findCause(path, action, looks).catch(unlessLost);
  if (found) return new RemoteError(found.code, found.message, { path });
  if (reply.code === 450) return new RemoteError('Busy', t('The server can’t do that now: {0}', said(reply)), { path });
  if (reply.code === 501 || (reply.code === 553 && action !== 'write'))
    return new RemoteError('BadPath', t('The server does not take that name: {0}', said(reply)), { path });
  if (reply.code === 551 || (reply.code === 451 && !saysDenied(reply)))
    return new RemoteError('Unknown', t('The server failed: {0}', said(reply)), {
      path,
      hint: action === 'write' ? t('Its disk may be full, or what this login may store on it used up.') : undefined,
    });
  return new RemoteError('Denied', t('The server refused: {0}', said(reply)), { path });
}

/** For a look on the way of a failure: where the connection is gone, that is the failure, else there is just nothing to be known. */
export function unlessLost(error: unknown): undefined {
  if (isRemoteError(error) && error.dropsConnection) throw error;
  return undefined;
}

/** What code and words say beyond doubt. */
export function byReply(reply: Reply, path?: string): RemoteError | undefined {
  const words = reply.lines.join(' ');
  const make = (code: RemoteErrorCode, text: string): RemoteError => new RemoteError(code, t(text, said(reply)), { path });
  if (reply.code === 452 || reply.code === 552 || /no space left|disk (?:is )?full|quota exceeded|not enough (?:disk )?space/i.test(words))
    return make('NoSpace', 'There is no room left on the server: {0}');
  const brokeOff = reply.code === 451 && /abort|data connection|network/i.test(words) && !saysUnwritten(reply);
  if (reply.code === 425 || reply.code === 426 || reply.code === 522 || brokeOff) return make('Lost', 'The transfer broke off: {0}');
  if (reply.code === 530 || reply.code === 332) return make('Auth', 'The server wants a new log-in: {0}');
  if (reply.code === 532) return make('Denied', 'The server wants an account for storing: {0}');
  // vsftpd's last words: a part of it was killed or failed.
  if (reply.code === 500 && words.startsWith('OOPS: ')) return make('Lost', 'The server ended the connection: {0}');
  if (isNotImplemented(reply)) return make('Unsupported', 'The server can’t do that: {0}');
  if (isCrowded(reply)) return make('Busy', 'The server is busy: {0}');
  return undefined;
}

/** Whether the words of a refusal say that permission is what lacks (in the language of nearly all servers). */
export function saysDenied(reply: Reply): boolean {
  return /permission|denied|not permitted|forbidden|access is/i.test(reply.lines.join(' '));
}

/** Whether it was the server's disk that took no more: vsftpd, ProFTPD and Pure-FTPd have no better words for a full one. */
function saysUnwritten(reply: Reply): boolean {
  return /writ(?:e|ing) to (?:local )?file|input\/output error/i.test(reply.lines.join(' '));
}

interface Cause {
  readonly code: RemoteErrorCode;
  readonly message: string;
}

export const notFound = (): Cause => ({ code: 'NotFound', message: t('There is no such file or folder on the server.') });
const exists = (): Cause => ({ code: 'Exists', message: t('There is already something of that name on the server.') });
const isFolder = (): Cause => ({ code: 'IsADirectory', message: t('That is a folder.') });
const isNoFolder = (): Cause => ({ code: 'NotADirectory', message: t('That is not a folder.') });
const noParent = (): Cause => ({ code: 'NotFound', message: t('The folder does not exist on the server.') });
const parentIsNoFolder = (): Cause => ({ code: 'NotADirectory', message: t('What should hold it is not a folder.') });

async function findCause(path: string, action: Action, looks: Looks): Promise<Cause | undefined> {
  const entry = await looks.look(path);
  switch (action) {
    case 'look':
    case 'change':
    case 'renameFrom':
      return entry ? undefined : notFound();
    case 'list':
      if (!entry) return notFound();
      return entry.kind === 'file' || entry.kind === 'other' ? isNoFolder() : undefined;
    case 'read': {
      const target = entry?.kind === 'symlink' ? await looks.follow(path) : entry;
      if (!target) return notFound();
      return target.kind === 'directory' ? isFolder() : undefined;
    }
    case 'unlink':
      if (!entry) return notFound();
      return entry.kind === 'directory' ? isFolder() : undefined;
    case 'rmdir':
      if (!entry) return notFound();
      if (entry.kind !== 'directory') return isNoFolder();
      return (await looks.holdsAnything(path)) ? { code: 'NotEmpty', message: t('The folder is not empty.') } : undefined;
    case 'mkdir':
    case 'renameTo':
      return entry ? exists() : parentCause(path, looks);
    case 'write':
      if (entry?.kind === 'directory') return isFolder();
      return entry ? undefined : parentCause(path, looks);
  }
}

async function parentCause(path: string, looks: Looks): Promise<Cause | undefined> {
  const folder = parent(path);
  if (folder === '/') return undefined;
  const entry = await looks.look(folder);
  if (!entry) return noParent();
  return entry.kind === 'file' ? parentIsNoFolder() : undefined;
}
