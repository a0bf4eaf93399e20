import { isSameContent } from '../bytes.ts';
import { isRemoteError, toRemoteError } from '../errors.ts';
import type { Pair } from '../operations/copyTree.ts';
import { readBytes } from '../operations/readFile.ts';
import type { Attributes } from '../remote.ts';
import { type FillCall, type Filling, stream } from './partialFile.ts';
import { ChangedSourceError } from './changedSource.ts';

/** So much of a file is compared at each of some places before it is gone on with, and all of one that has no more than these. */
const compared = 512 * 1024;
const places = 8;

/**
 * Goes on with a file under its own name, which somebody left there, where it is a beginning of the source: compared as a whole up to 4 MB, else
 * at its beginning, its end and between. Where the server tells checksums, and is asked for them, all of it is compared by these in the end. `whole`: it was all of it already; `other`: it is no beginning of it; `anew`: the server does not go on with files, and it is
 * to be replaced. `partial` of `filling` is that file. A failure leaves it as it was or longer.
 */
export async function resumeThere(filling: Filling, there: Attributes, call: FillCall): Promise<'done' | 'whole' | 'other' | 'anew'> {
  const { from, to, source, size, mtime } = filling;
  const { signal } = call;
  const before = await from.stat(source, { signal });
  if (before.size !== size || before.mtime !== mtime) throw new ChangedSourceError(source, before);
  const isWhole = there.size === size;
  const end = isWhole ? size : Math.max(0, there.size - (to.facts.mayHaveGaps ?? 0));
  if (!(await isBeginning(filling, filling.partial, end, signal))) return 'other';
  if (isWhole) return 'whole';
  if (to.resume === undefined || end === 0) return 'anew';
  try {
    const count = await stream(filling, end, call);
    const after = await from.stat(source, { signal });
    if (end + count !== size || after.size !== size || after.mtime !== mtime) throw new ChangedSourceError(source, after, 'overwrite');
  } catch (error) {
    const reason = toRemoteError(error);
    if (reason.dropsConnection || isRemoteError(reason, 'Cancelled', 'Busy', 'NoSpace', 'Denied')) throw reason;
    return 'anew';
  }
  return 'done';
}

async function isBeginning({ from, to, source }: Pair & Pick<Filling, 'source'>, there: string, end: number, signal: AbortSignal) {
  const isSmall = end <= compared * places;
  const length = isSmall ? end : compared;
  const step = (end - length) / (places - 1);
  const offsets = isSmall ? [0] : Array.from({ length: places }, (_, place) => Math.floor(step * place));
  for (const offset of offsets) {
    const range = { offset, length, signal };
    const [one, other] = await Promise.all([readBytes(to, there, range), readBytes(from, source, range)]);
    if (one.length !== length || !isSameContent(one, other)) return false;
  }
  return true;
}
