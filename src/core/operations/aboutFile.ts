import { RemoteError, toRemoteError } from '../errors.ts';
import { basename } from '../path.ts';
import { isTemporaryName } from './temporary.ts';

/** A person knows the file, not the name under which its content went to the server. */
export function aboutFile(error: unknown, path: string): RemoteError {
  const failure = toRemoteError(error);
  if (failure.path === undefined || !isTemporaryName(basename(failure.path))) return failure;
  const { code, message, host, hint, retryable, dropsConnection } = failure;
  return new RemoteError(code, message, { path, host, hint, retryable, dropsConnection, cause: failure });
}
