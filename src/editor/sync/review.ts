import type { RemoteError } from '../../core/errors.ts';
import type { SyncAction, SyncDirection } from '../../core/sync/decision.ts';
import type { LeftOut, SyncPlan, SyncRow } from '../../core/sync/plan.ts';

/** `compare`: both ways, and nothing is proposed. */
export type SyncMode = SyncDirection | 'compare';

/** A row of a plan and what the person made of it. */
export interface ReviewItem {
  readonly row: SyncRow;
  action: SyncAction;
  isChecked: boolean;
  /** Why it was not done. */
  error: RemoteError | undefined;
}

/** A plan while a person looks at it. */
export interface Review {
  readonly mode: SyncMode;
  readonly items: readonly ReviewItem[];
  readonly leftOut: readonly LeftOut[];
  /** Files that are the same on both sides. */
  readonly same: number;
}

export function directionOf(mode: SyncMode): SyncDirection {
  return mode === 'compare' ? 'both' : mode;
}

/** `before`: what was chosen there stays chosen for rows that say the same. */
export function reviewOf({ rows, leftOut, same }: SyncPlan, mode: SyncMode, before?: Review): Review {
  const chosen = new Map(before?.items.map((item) => [item.row.relative, item]));
  const items = rows.map((row): ReviewItem => {
    const old = chosen.get(row.relative);
    const isKept = old !== undefined && old.row.action === row.action && old.row.reason === row.reason;
    const fresh = { row, action: row.action, isChecked: row.isChecked && mode !== 'compare', error: undefined };
    return isKept ? { ...fresh, action: old.action, isChecked: old.isChecked } : fresh;
  });
  return { mode, items, leftOut, same };
}

/** Without what was done. `lost`: rows that are settled now. */
export function withoutItems(review: Review, lost: ReadonlySet<ReviewItem>): Review {
  return { ...review, items: review.items.filter((item) => !lost.has(item)) };
}

/** Makes `side` the one that counts: its file, or that it has none. Not for a file that is a folder on the other side. */
export function choose(item: ReviewItem, side: 'here' | 'there'): void {
  const { row } = item;
  if (row.reason === 'otherKind') return;
  if (side === 'here') item.action = row.here === undefined ? 'deleteThere' : 'upload';
  else item.action = row.there === undefined ? 'deleteHere' : 'download';
  // Even chosen on purpose, a deletion is ticked by itself.
  item.isChecked = item.action === 'upload' || item.action === 'download';
  item.error = undefined;
}

export function mayBeChecked({ action }: ReviewItem): boolean {
  return action !== 'conflict';
}

export function checkedAmong(items: readonly ReviewItem[]): readonly ReviewItem[] {
  return items.filter((item) => item.isChecked && mayBeChecked(item));
}

export function countOf(items: readonly ReviewItem[], action: SyncAction): number {
  return items.filter((item) => item.action === action).length;
}
