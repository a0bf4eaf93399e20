import { isRemoteError, RemoteError } from '../errors.ts';
import { t } from '../l10n.ts';
import { removeEntry } from '../operations/changes.ts';
import type { Place } from '../operations/moveThroughPool.ts';
import { lstatIfThere } from '../operations/saveTarget.ts';
import { makeFolders } from '../operations/tree.ts';
import { runChange } from '../operations/unsettled.ts';
import type { Pool } from '../pool.ts';
import type { Attributes, Remote } from '../remote.ts';
import type { TransferGroup, TransferItem, TransferPlace } from './item.ts';
import { lookAt } from './meeting.ts';

/** The copy is not what the source is: nothing was removed. */
export class UnlikeError extends RemoteError {
  constructor(code: 'Lost' | 'Busy', message: string, path: string) {
    super(code, message, { path, retryable: false, dropsConnection: false });
  }
}

/**
 * Removes the source of what was moved, after a look at both sides: nothing is removed where the copy is not whole (`Lost`), or where the source
 * is not what was listed any more (`Busy`).
 */
export async function removeBrought(pool: Pool, item: TransferItem, from: Place, to: Place, signal: AbortSignal): Promise<void> {
  const made = await lookAt(pool, to, signal);
  const isWhole = made !== undefined && kindOf(made) === item.kind && (item.kind !== 'file' || made.size === item.size);
  if (!isWhole) throw new UnlikeError('Lost', t('The copy is not whole. The original was not removed.'), to.path);
  try {
    await runChange(pool, from.host, (remote) => removeUnchanged(remote, item), { signal, lane: 'bulk' });
  } catch (error) {
    if (isRemoteError(error, 'Denied', 'Unsupported'))
      throw error.withHint(t('It is at {0} now, but the original could not be removed.', to.path));
    throw error;
  }
}

/** One that is gone already was removed by an attempt whose answer was lost, or by somebody else. */
async function removeUnchanged(remote: Remote, item: TransferItem): Promise<void> {
  const { path } = item.from;
  const entry = await lstatIfThere(remote, path, {});
  if (entry === undefined) return;
  // Some servers tell more of a file than of an entry, and this is what the item was brought by.
  const now = entry.kind === 'file' ? await remote.stat(path) : entry;
  const isSame = kindOf(now) === item.kind && (item.kind !== 'file' || (now.size === item.size && now.mtime === item.mtime));
  if (!isSame) throw new UnlikeError('Busy', t('It changed after it was copied, so it was not removed.'), path);
  await removeEntry(remote, path, now.kind);
}

function kindOf({ kind }: Attributes): TransferItem['kind'] | undefined {
  if (kind === 'directory') return 'folder';
  if (kind === 'symlink') return 'link';
  return kind === 'file' ? 'file' : undefined;
}

/** Those that were moved, deepest first; one that holds anything stays. */
export async function removeEmptyFolders(
  pool: Pool,
  { items }: Pick<TransferGroup, 'items'>,
  placeOf: (place: TransferPlace) => Place,
): Promise<void> {
  const depthOf = (item: TransferItem) => item.from.path.split('/').length;
  const folders = items.filter(({ kind, state }) => kind === 'folder' && state === 'done');
  for (const item of folders.toSorted((one, other) => depthOf(other) - depthOf(one))) {
    const [from, to] = [placeOf(item.from), placeOf(item.to)];
    const options = { lane: 'bulk', repeatable: true, changes: 'new' } as const;
    const isRemoved = await pool.run(from.host, (remote, signal) => removeIfEmpty(remote, from.path, signal), options);
    // One server may be two hosts, and both folders one.
    if (isRemoved) await pool.run(to.host, (remote, signal) => makeFolders(remote, to.path, { signal }), options);
  }
}

async function removeIfEmpty(remote: Remote, path: string, signal: AbortSignal): Promise<boolean> {
  try {
    // A look first: not every server keeps to what removing a folder means.
    if ((await remote.list(path, { signal, briefly: true })).length > 0) return false;
    await remote.rmdir(path, { signal });
    return true;
  } catch (error) {
    if (!isRemoteError(error, 'NotFound', 'NotADirectory', 'NotEmpty', 'Denied')) throw error;
    return false;
  }
}
