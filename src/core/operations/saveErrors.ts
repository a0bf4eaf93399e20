import { RemoteError } from '../errors.ts';
import { t } from '../l10n.ts';
import type { Remote } from '../remote.ts';
import type { Version } from './version.ts';

/** The file is not what the content is based on. Nothing was written. */
export class ConflictError extends RemoteError {
  /** What is there now; undefined: it was deleted. */
  readonly theirs: Version | undefined;

  constructor(path: string, message: string, theirs: Version | undefined) {
    super('Conflict', message, { path });
    this.theirs = theirs;
  }
}

/** The link was lost at a moment when the server alone knows the outcome. */
export class UnsettledError extends RemoteError {
  /** Looks on a new connection, finishes or undoes what was begun. Can be repeated. Resolves once the new content is in place. */
  readonly settle: (remote: Remote, signal: AbortSignal | undefined) => Promise<Version>;

  constructor(reason: RemoteError, settle: UnsettledError['settle']) {
    super(reason.code, reason.message, {
      path: reason.path,
      host: reason.host,
      hint: reason.hint,
      retryable: false,
      dropsConnection: true,
      cause: reason,
    });
    this.settle = settle;
  }
}

/** A new connection showed that the new content did not survive the lost one. */
export function lostContent(path: string): RemoteError {
  return new RemoteError('Lost', t('The link was lost while the file was saved, and the new content is not on the server.'), {
    path,
    retryable: false,
    dropsConnection: false,
    hint: t('Save again.'),
  });
}
