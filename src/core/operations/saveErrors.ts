import { RemoteError, type RemoteErrorCode, type RemoteErrorDetails } from '../errors.ts';
import { t } from '../l10n.ts';
import { UnsettledError } from './unsettled.ts';
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

/** Both contents of a save that was begun. */
export interface SaveAttempt {
  /** What was to be saved. */
  readonly content: Uint8Array;
  /** What the file held, where it was written over in place: it may hold a part of each. Undefined: it was to be replaced in one step. */
  readonly old: Uint8Array | undefined;
  /** Local copies of both are of no more use. */
  done(): Promise<void>;
}

/** A save in place whose link was lost: the server's file may be half written. */
export class UnsettledOverwriteError extends UnsettledError {
  readonly attempt: SaveAttempt;

  constructor(reason: RemoteError, attempt: SaveAttempt, settle: UnsettledError['settle']) {
    super(reason, settle);
    this.attempt = attempt;
  }
}

/** A save that ended with the server's file in doubt: it may hold the old content, the new one or, written in place, a part of each. */
export class DoubtfulSaveError extends RemoteError {
  readonly attempt: SaveAttempt;

  constructor(
    code: RemoteErrorCode,
    message: string,
    attempt: SaveAttempt,
    details: Pick<RemoteErrorDetails, 'path' | 'host' | 'hint' | 'cause'>,
  ) {
    super(code, message, { ...details, retryable: false, dropsConnection: false });
    this.attempt = attempt;
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
