import { failure, isStatus, statusToRemoteError, type StatusError } from './sftpErrors.ts';
import { RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import type { RenameOptions } from '../../core/remote.ts';
import { explained, isThere, lookAtItself, missingParent } from './failures.ts';
import { isOpenSsh, ownEntry } from './ownEntry.ts';
import { extension, statusCode } from './protocol.ts';
import { outcome, type Scope } from './scope.ts';
import type { Session } from './session.ts';

export function rename(
  session: Session,
  scope: Scope,
  from: string,
  to: string,
  { replace, areFiles = false }: Pick<RenameOptions, 'replace' | 'areFiles'>,
): Promise<void> {
  const atomic = replace && session.offers(extension.posixRename);
  const explain = (_session: Session, _scope: Scope, _path: string, error: StatusError) =>
    explainRename(session, scope, from, to, error, atomic);
  return explained(session, scope, from, explain, async () => {
    if (!isOpenSsh(session) && !(replace && areFiles)) await assureHarmless(session, scope, from, to, replace);
    return atomic ? session.posixRename(scope, from, to) : session.rename(scope, from, to);
  });
}

/** Best effort: between the look and the RENAME someone else may change what was seen. */
async function assureHarmless(session: Session, scope: Scope, from: string, to: string, replace: boolean): Promise<void> {
  const [source, target] = await Promise.all([from, to].map((path) => outcome(ownEntry(session, scope, path))));
  for (const [path, entry] of [
    [from, source],
    [to, target],
  ] as const) {
    if (entry && 'error' in entry && !isStatus(entry.error)) throw entry.error;
    if (entry && 'value' in entry && entry.value.followed) throw followedLink(path);
  }
  if (!replace && target && 'value' in target) throw failure('Exists', to);
}

function followedLink(path: string): RemoteError {
  const message = t('This server would take what the link leads to for the link itself, so nothing was renamed.');
  return new RemoteError('Unsupported', message, { path, hint: t('Remove the link and make a new one in the other place.') });
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
