import { type RemoteError, RemoteError as Failure, toRemoteError } from '../../core/errors.ts';
import { forEachBounded } from '../../core/operations/bounded.ts';
import type { SyncAction } from '../../core/sync/decision.ts';
import { describeEnd } from './wording.ts';
import type { ReviewItem } from './review.ts';

/** What became of the rows that were ticked. */
export interface Applied {
  readonly done: ReadonlyMap<SyncAction, number>;
  readonly failed: number;
  /** Why it ended before all were tried. */
  readonly ended: RemoteError | undefined;
}

/** The pool shares its connections among these. */
const atOnce = 8;

/** A row more would only fail like this one. */
const ending: readonly RemoteError['code'][] = ['Unreachable', 'Auth', 'Untrusted', 'Cancelled'];

export interface Applying {
  readonly signal: AbortSignal;
  act(item: ReviewItem): Promise<void>;
  /** One is settled; `error`: it was not done. */
  settled(item: ReviewItem, error: RemoteError | undefined): void;
}

/** First what is made, then what is deleted, folders after what was in them. Never rejects. */
export async function applyItems(items: readonly ReviewItem[], applying: Applying): Promise<Applied> {
  const { signal } = applying;
  const done = new Map<SyncAction, number>();
  let failed = 0;
  let ended: RemoteError | undefined;
  const applyOne = async (item: ReviewItem) => {
    if (signal.aborted) ended ??= new Failure('Cancelled', describeEnd());
    if (ended !== undefined) return;
    try {
      await applying.act(item);
      done.set(item.action, (done.get(item.action) ?? 0) + 1);
      applying.settled(item, undefined);
    } catch (error) {
      const failure = toRemoteError(error);
      if (ending.includes(failure.code)) ended ??= failure;
      failed += 1;
      applying.settled(item, failure);
    }
  };
  for (const step of stepsOf(items)) await forEachBounded(step, atOnce, applyOne);
  return { done, failed, ended };
}

function stepsOf(items: readonly ReviewItem[]): readonly (readonly ReviewItem[])[] {
  const isDeletion = ({ action }: ReviewItem) => action === 'deleteHere' || action === 'deleteThere';
  const making = items.filter((item) => !isDeletion(item));
  const deleting = items.filter(isDeletion);
  const byDepth = Map.groupBy(
    deleting.filter(({ row }) => row.isFolder),
    ({ row }) => row.relative.split('/').length,
  );
  const folders = [...byDepth].toSorted(([one], [other]) => other - one).map(([, step]) => step);
  return [making, deleting.filter(({ row }) => !row.isFolder), ...folders];
}
