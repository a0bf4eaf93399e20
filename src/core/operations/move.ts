import { isRemoteError, RemoteError, toRemoteError } from '../errors.ts';
import { t } from '../l10n.ts';
import { contains } from '../path.ts';
import type { Remote } from '../remote.ts';
import { renameEntry } from './changes.ts';
import { moveOver, type SwapOptions } from './moveOver.ts';
import { UnsettledError } from './unsettled.ts';

export interface RenameOptions extends SwapOptions {
  /** What is at the target may be replaced: it stays until the new is in its place. Else it is `Exists`. */
  readonly overwrite: boolean;
}

/**
 * Moves a file, folder or link on one server by renaming; `Unknown` or `Unsupported` where the server can't rename so far (another file
 * system). Throws `UnsettledError` when the link is lost on the way. Takes no signal: a rename that was sent can't be called back.
 */
export async function moveWithin(remote: Remote, from: string, to: string, options: RenameOptions): Promise<void> {
  assertNotInside(from, to);
  if (from === to) return;
  const over = async (next: Remote, error: unknown): Promise<void> => {
    if (!options.overwrite || !isRemoteError(error, 'Exists', 'IsADirectory', 'NotADirectory', 'NotEmpty')) throw toRemoteError(error);
    await moveOver(next, from, to, options);
  };
  const replace = options.overwrite && options.discard === undefined && remote.facts.atomicReplace;
  try {
    await renameEntry(remote, from, to, { replace });
  } catch (error) {
    if (!(error instanceof UnsettledError)) return over(remote, error);
    throw new UnsettledError(error, (next) => error.settle(next, undefined).catch((reason: unknown) => over(next, reason)), error);
  }
}

export function assertNotInside(from: string, to: string): void {
  if (from !== to && contains(from, to))
    throw new RemoteError('BadPath', t('A folder can not be moved or copied into itself.'), { path: to });
}
