import { RemoteError, type RemoteErrorCode, toRemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';

const codes: Readonly<Record<string, readonly [RemoteErrorCode, () => string]>> = {
  ENOENT: ['NotFound', () => t('There is no file or folder of this name.')],
  EEXIST: ['Exists', () => t('There is already a file or folder with this name.')],
  ENOTDIR: ['NotADirectory', () => t('This is not a folder.')],
  EISDIR: ['IsADirectory', () => t('This is a folder.')],
  ENOTEMPTY: ['NotEmpty', () => t('The folder is not empty.')],
  EACCES: ['Denied', () => t('Your account on this computer may not do that.')],
  EPERM: ['Denied', () => t('Your account on this computer may not do that.')],
  EROFS: ['Denied', () => t('This disk is read-only.')],
  ENOSPC: ['NoSpace', () => t("This computer's disk is full.")],
  EDQUOT: ['NoSpace', () => t("Your space on this computer's disk is used up.")],
  ENAMETOOLONG: ['BadPath', () => t('The name is too long for this computer.')],
};

/** A failure of `node:fs` at `path`, a path as a Remote names it. */
export function localError(error: unknown, path: string): RemoteError {
  if (error instanceof RemoteError) return error.with({ path });
  const known = codes[(error as NodeJS.ErrnoException | undefined)?.code ?? ''];
  if (known === undefined) return toRemoteError(error).with({ path });
  return new RemoteError(known[0], known[1](), { path, cause: error });
}
