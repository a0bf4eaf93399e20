import { failure, isStatus, statusToRemoteError, type StatusError } from './sftpErrors.ts';
import type { RemoteError } from '../../core/errors.ts';
import { explained, isThere, lookAtItself, missingParent } from './failures.ts';
import { extension, statusCode } from './protocol.ts';
import type { Scope } from './scope.ts';
import type { Session } from './session.ts';

/**
 * Whether RENAME and REMOVE do no more than the draft allows: these extensions are OpenSSH's own, which links and unlinks, while
 * libraries that others build servers on overwrite silently and offer posix-rename too.
 */
export function isOpenSsh(session: Session): boolean {
  return session.offers(extension.lsetstat) || session.offers(extension.limits);
}

export function rename(session: Session, scope: Scope, from: string, to: string, replace: boolean): Promise<void> {
  const atomic = replace && session.offers(extension.posixRename);
  const explain = (_session: Session, _scope: Scope, _path: string, error: StatusError) =>
    explainRename(session, scope, from, to, error, atomic);
  return explained(session, scope, from, explain, async () => {
    if (atomic) return session.posixRename(scope, from, to);
    // Best effort: between the look and the RENAME someone else may make it.
    if (!replace && !isOpenSsh(session) && isThere(await lookAtItself(session, scope, to))) throw failure('Exists', to);
    return session.rename(scope, from, to);
  });
}

async function explainRename(
  session: Session,
  scope: Scope,
  from: string,
  to: string,
  error: StatusError,
  atomic: boolean,
): Promise<RemoteError> {
  const source = await lookAtItself(session, scope, from);
  if (source === 'nothing') return failure('NotFound', from, error);
  const missing = await missingParent(session, scope, to, error);
  if (missing) return missing;
  if (isStatus(error, statusCode.PERMISSION_DENIED)) return statusToRemoteError(error, from);
  const target = await lookAtItself(session, scope, to);
  // posix-rename replaces files by files; what it refuses although both are files has another cause.
  const inTheWay = isThere(target) && (!atomic || (target === 'directory') !== (source === 'directory') || target === 'directory');
  return inTheWay ? failure('Exists', to, error) : statusToRemoteError(error, from);
}
