import { isRemoteError, RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import { isPath, parent, resolveTarget } from '../../core/path.ts';
import type { Kind, WriteOptions } from '../../core/remote.ts';
import { toAttributes, type FileAttributes } from './fileAttributes.ts';
import { nextEntry } from './listing.ts';
import { ownEntry } from './ownEntry.ts';
import { extension, statusCode } from './protocol.ts';
import { outcome, type Outcome, type Scope } from './scope.ts';
import type { Session } from './session.ts';
import { failure, isStatus, statusToRemoteError, type StatusError } from './sftpErrors.ts';

/**
 * Why an operation failed. The status FAILURE stands for nearly anything and OpenSSH says NO_SUCH_FILE for "not a folder" too, so
 * each of these looks at the server before it speaks. They cost round trips only where something went wrong already.
 */

type Found = Kind | 'nothing' | 'unknown';

/** What is at `path`; links are followed. */
async function look(session: Session, scope: Scope, path: string): Promise<Found> {
  return found(await outcome(session.stat(scope, path)));
}

/** What is at `path` itself. */
export async function lookAtItself(session: Session, scope: Scope, path: string): Promise<Found> {
  const entry = await outcome(ownEntry(session, scope, path));
  return found('value' in entry ? { value: entry.value.attributes } : entry);
}

function found(result: Outcome<FileAttributes>): Found {
  if ('value' in result) return toAttributes(result.value).kind;
  if (!isStatus(result.error)) throw result.error;
  return isStatus(result.error, statusCode.NO_SUCH_FILE, statusCode.NO_SUCH_PATH) ? 'nothing' : 'unknown';
}

export function isThere(what: Found): boolean {
  return what !== 'nothing' && what !== 'unknown';
}

/** Some servers say "permission denied" of a link to nothing. */
async function isBrokenLink(session: Session, scope: Scope, path: string): Promise<boolean> {
  if ((await lookAtItself(session, scope, path)) !== 'symlink') return false;
  const target = await outcome(session.readLink(scope, path));
  if ('error' in target) return isRemoteError(target.error, 'BadPath');
  return !isPath(target.value) || (await lookAtItself(session, scope, resolveTarget(path, target.value))) === 'nothing';
}

type Explain = (session: Session, scope: Scope, path: string, error: StatusError) => Promise<RemoteError>;

/** Runs `attempt`; a status that it throws becomes what `explain` finds out. */
export async function explained<T>(session: Session, scope: Scope, path: string, explain: Explain, attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    if (!isStatus(error)) throw error;
    throw await explain(session, scope, path, error);
  }
}

export const explainStat: Explain = async (session, scope, path, error) => {
  if (isStatus(error, statusCode.NO_SUCH_FILE)) return statusToRemoteError(error, path);
  if (await isBrokenLink(session, scope, path)) return failure('NotFound', path, error);
  if (isStatus(error, statusCode.PERMISSION_DENIED)) return statusToRemoteError(error, path);
  return (await missingParent(session, scope, path, error)) ?? statusToRemoteError(error, path);
};

export const explainList: Explain = async (session, scope, path, error) => {
  const what = await look(session, scope, path);
  if (what === 'nothing') return failure('NotFound', path, error);
  if (isThere(what) && what !== 'directory') return failure('NotADirectory', path, error);
  return what === 'directory' ? statusToRemoteError(error, path) : explainStat(session, scope, path, error);
};

export const explainRead: Explain = async (session, scope, path, error) => {
  if (isStatus(error, statusCode.NO_SUCH_FILE)) return statusToRemoteError(error, path);
  const what = await look(session, scope, path);
  if (what === 'nothing') return failure('NotFound', path, error);
  if (what === 'directory') return failure('IsADirectory', path, error);
  return isThere(what) ? statusToRemoteError(error, path) : explainStat(session, scope, path, error);
};

/** For an OPEN that should write. */
export function explainOpen(disposition: WriteOptions['disposition']): Explain {
  return async (session, scope, path, error) => {
    const itself = await lookAtItself(session, scope, path);
    if (disposition === 'create' && isThere(itself)) return failure('Exists', path, error);
    if (itself === 'directory' || (itself === 'symlink' && (await look(session, scope, path)) === 'directory')) {
      return failure('IsADirectory', path, error);
    }
    if (isStatus(error, statusCode.PERMISSION_DENIED)) return statusToRemoteError(error, path);
    return (await missingParent(session, scope, path, error)) ?? explainStorage(session, scope, path, error);
  };
}

/** For a request that needs room on the disk: full, read-only, or what the status says. */
export const explainStorage: Explain = async (session, scope, path, error) => {
  if (!isStatus(error, statusCode.FAILURE)) return statusToRemoteError(error, path);
  const disk = await lookAtDisk(session, scope, path);
  return disk === 'ordinary' ? statusToRemoteError(error, path) : failure(disk === 'readOnly' ? 'Denied' : 'NoSpace', path, error);
};

/** For a request that only takes away. */
const explainRemoval: Explain = async (session, scope, path, error) => {
  const isReadOnly = isStatus(error, statusCode.FAILURE) && (await lookAtDisk(session, scope, path)) === 'readOnly';
  return isReadOnly ? failure('Denied', path, error) : statusToRemoteError(error, path);
};

/** Where `path` would be; `ordinary` also where the server does not tell. */
export async function lookAtDisk(session: Session, scope: Scope, path: string): Promise<'full' | 'readOnly' | 'ordinary'> {
  if (!session.offers(extension.statvfs)) return 'ordinary';
  const space = await outcome(session.space(scope, parent(path)));
  if ('error' in space) return 'ordinary';
  if (space.value.readOnly) return 'readOnly';
  return space.value.available === 0 || space.value.freeFiles === 0 ? 'full' : 'ordinary';
}

export const explainMkdir: Explain = async (session, scope, path, error) => {
  if (isThere(await lookAtItself(session, scope, path))) return failure('Exists', path, error);
  if (isStatus(error, statusCode.PERMISSION_DENIED)) return statusToRemoteError(error, path);
  return (await missingParent(session, scope, path, error)) ?? explainStorage(session, scope, path, error);
};

export const explainUnlink: Explain = async (session, scope, path, error) => {
  const what = await lookAtItself(session, scope, path);
  if (what === 'directory') return failure('IsADirectory', path, error);
  return what === 'nothing' ? failure('NotFound', path, error) : explainRemoval(session, scope, path, error);
};

export const explainRmdir: Explain = async (session, scope, path, error) => {
  const what = await lookAtItself(session, scope, path);
  if (what === 'nothing') return failure('NotFound', path, error);
  if (isThere(what) && what !== 'directory') return failure('NotADirectory', path, error);
  if (!isStatus(error, statusCode.PERMISSION_DENIED) && (await hasEntries(session, scope, path))) return failure('NotEmpty', path, error);
  return explainRemoval(session, scope, path, error);
};

async function hasEntries(session: Session, scope: Scope, path: string): Promise<boolean> {
  const handle = await outcome(session.openFolder(scope, path).handle);
  if ('error' in handle) return false;
  // The two that are no entries may come one by one.
  for (let left = 3; left > 0;) {
    const page = await outcome(session.readFolder(scope, handle.value));
    if ('error' in page || page.value === undefined || page.value.count === 0) return false;
    for (let i = 0; i < page.value.count && left > 0; i++, left--) {
      const name = nextEntry(session, page.value).name.toString('latin1');
      if (name !== '.' && name !== '..') return true;
    }
  }
  return false;
}

export async function missingParent(session: Session, scope: Scope, path: string, error: StatusError): Promise<RemoteError | undefined> {
  const folder = await look(session, scope, parent(path));
  if (folder === 'nothing') {
    return new RemoteError('NotFound', t('The folder that it should be in does not exist on the server.'), { path, cause: error });
  }
  if (!isThere(folder) || folder === 'directory') return undefined;
  return new RemoteError('NotADirectory', t('What it should be in is not a folder.'), { path, cause: error });
}
