import { RemoteError, type RemoteErrorCode } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import { safeText } from '../../core/text.ts';
import { statusCode } from './protocol.ts';

/** A STATUS reply that is neither OK nor EOF. Stays within this folder: operations turn it into a RemoteError. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly status: number;

  /** `text` is the server's own, raw. */
  constructor(status: number, text: string) {
    super(safeText(text, 200));
    this.status = status;
  }
}

export function isStatus(error: unknown, ...statuses: number[]): error is StatusError {
  return error instanceof StatusError && (statuses.length === 0 || statuses.includes(error.status));
}

const codes: Readonly<Record<number, RemoteErrorCode>> = {
  [statusCode.NO_SUCH_FILE]: 'NotFound',
  [statusCode.NO_SUCH_PATH]: 'NotFound',
  [statusCode.PERMISSION_DENIED]: 'Denied',
  [statusCode.WRITE_PROTECT]: 'Denied',
  [statusCode.BAD_MESSAGE]: 'BadPath',
  [statusCode.INVALID_FILENAME]: 'BadPath',
  [statusCode.NO_CONNECTION]: 'Lost',
  [statusCode.CONNECTION_LOST]: 'Lost',
  [statusCode.OP_UNSUPPORTED]: 'Unsupported',
  [statusCode.FILE_ALREADY_EXISTS]: 'Exists',
  [statusCode.NO_SPACE_ON_FILESYSTEM]: 'NoSpace',
  [statusCode.QUOTA_EXCEEDED]: 'NoSpace',
  [statusCode.LOCK_CONFLICT]: 'Busy',
  [statusCode.DIR_NOT_EMPTY]: 'NotEmpty',
  [statusCode.NOT_A_DIRECTORY]: 'NotADirectory',
  [statusCode.FILE_IS_A_DIRECTORY]: 'IsADirectory',
};

/** What the status alone tells; FAILURE tells nothing and becomes `Unknown`. */
export function statusToRemoteError(error: StatusError, path?: string): RemoteError {
  return failure(codes[error.status] ?? 'Unknown', path, error);
}

/** The RemoteError for `code` in this transport's words. */
export function failure(code: RemoteErrorCode, path?: string, cause?: unknown): RemoteError {
  const [message, hint] = words(code, cause instanceof StatusError ? cause.message : '');
  return new RemoteError(code, message, { path, hint, cause });
}

function words(code: RemoteErrorCode, text: string): readonly [message: string, hint?: string] {
  const known = wordsOf[code]?.();
  if (known) return known;
  return [text === '' || /^failure$/i.test(text) ? t('The server refused and gave no reason.') : t('The server refused: {0}', text)];
}

const wordsOf: Readonly<Partial<Record<RemoteErrorCode, () => readonly [message: string, hint?: string]>>> = {
  NotFound: () => [t('There is no such file or folder on the server.')],
  Exists: () => [t('There is already something with this name on the server.')],
  NotADirectory: () => [t('This is not a folder.')],
  IsADirectory: () => [t('This is a folder, not a file.')],
  NotEmpty: () => [t('The folder is not empty.')],
  Denied: () => [
    t('The server does not permit this.'),
    t('Look at the owner and permissions there; the server may also allow reading only.'),
  ],
  NoSpace: () => [t('The server’s disk or your quota there is full.'), t('Free some space on the server, then try again.')],
  Unsupported: () => [t('The server can’t do this.')],
  BadPath: () => [t('The server does not accept this name.'), t('It may be too long or hold characters that the server refuses.')],
  Busy: () => [t('The file is in use on the server.'), t('Try again in a moment.')],
  Lost: () => [t('The server lost its own connection to the files.')],
};
