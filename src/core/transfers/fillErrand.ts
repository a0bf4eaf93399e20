import { isRemoteError, RemoteError } from '../errors.ts';
import { t } from '../l10n.ts';
import type { Pair } from '../operations/copyTree.ts';
import { lease } from '../operations/moveThroughPool.ts';
import { lstatIfThere } from '../operations/saveTarget.ts';
import { basename, child, parent } from '../path.ts';
import type { BringCall, BringItemParts, Errand } from './bringItem.ts';
import { ChangedSourceError } from './changedSource.ts';
import { fillPartial, leavesPart, removeIfThere, wholeFile } from './partialFile.ts';

/** Brings all of the source to `partial`. `ChangedSourceError` where the source is not what was listed, or was changed meanwhile. */
export function fillErrand(parts: BringItemParts, errand: Errand, partial: string, call: BringCall): Promise<void> {
  const { item, from, to } = errand;
  const { size, mtime } = item;
  // What is removed afterwards has to be known.
  const isKnown = leavesPart(item) || errand.moves;
  return lease(parts.pool, from, to, call.signal, async (pair, signal) => {
    const assertUnchanged = async (isExact = isKnown) => {
      const source = await pair.from.stat(from.path, { signal });
      if (source.size === size && (!isExact || source.mtime === mtime)) return;
      await removeIfThere(pair.to, partial);
      throw new ChangedSourceError(from.path, source);
    };
    if (isKnown) await assertUnchanged();
    const filling = { ...pair, source: from.path, partial, size, mtime, given: givenTo(parts, errand), bandwidth: parts.bandwidth };
    try {
      await fillPartial(filling, { signal, onProgress: call.onProgress });
    } catch (error) {
      if (!isKnown && isRemoteError(error, 'Busy')) await assertUnchanged();
      throw error;
    }
    // What is smaller a server reads at once; a look at this computer costs nothing.
    const isSlow = from.host.name === '' || size > wholeFile;
    if (!isKnown && isSlow && mtime !== undefined) await assertUnchanged(true);
    if (errand.moves && errand.before !== undefined) await assertElsewhere(pair, from.path, partial, signal);
  });
}

/** One server may be two hosts. What is replaced by what is moved, and removed then, must not be the same. */
async function assertElsewhere(pair: Pair, path: string, partial: string, signal: AbortSignal): Promise<void> {
  if ((await lstatIfThere(pair.from, child(parent(path), basename(partial)), { signal })) === undefined) return;
  await removeIfThere(pair.to, partial);
  throw new RemoteError('BadPath', t('Both places are one: it can not be moved onto itself.'), { path });
}

/** Where something is replaced its permissions stay. */
function givenTo({ keeps }: BringItemParts, { item, before }: Errand) {
  const kept = keeps();
  const mode = before?.kind === 'file' ? before.mode : kept ? item.mode : undefined;
  return { mode: mode === undefined ? undefined : mode & 0o777, mtime: kept ? item.mtime : undefined };
}
