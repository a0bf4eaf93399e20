import { RemoteError } from '../errors.ts';
import { t } from '../l10n.ts';
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

/** A new connection showed that the new content did not survive the lost one. */
export function lostContent(path: string): RemoteError {
  return new RemoteError('Lost', t('The link was lost while the file was saved, and the new content is not on the server.'), {
    path,
    retryable: false,
    dropsConnection: false,
    hint: t('Save again.'),
  });
}
