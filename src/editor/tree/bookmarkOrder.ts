import { placeBefore, stepAmong } from '../../core/listOrder.ts';
import type { KeptFolders } from '../keptFolders.ts';
import { type BookmarkRow, isBookmarkRow, type Row } from './rows.ts';

/** A dragged bookmark; it stays under its host, as it leads there. */
export interface DraggedBookmark {
  readonly address: string;
  readonly host: string;
}

export function draggedBookmarks(rows: readonly Row[]): readonly DraggedBookmark[] {
  return rows.filter(isBookmarkRow).map(({ address, under }) => ({ address, host: under.name }));
}

/** Dropped on another of their host they go before it, on the host itself behind the others. */
export async function dropBookmarks(bookmarks: KeptFolders, dragged: readonly DraggedBookmark[], target: Row | undefined): Promise<void> {
  if (target?.kind !== 'bookmark' && target?.kind !== 'host') return;
  const host = target.kind === 'host' ? target.name : target.under.name;
  const moved = dragged.filter((each) => each.host === host).map(({ address }) => address);
  if (moved.length === 0) return;
  await bookmarks.arrange((all) => placeBefore(all, moved, target.kind === 'bookmark' ? target.address : undefined));
}

/** `siblings`: the bookmarks of the row's host. */
export async function stepBookmarks(
  bookmarks: KeptFolders,
  rows: readonly BookmarkRow[],
  siblings: (row: BookmarkRow) => readonly BookmarkRow[],
  direction: 'up' | 'down',
): Promise<void> {
  const moved = rows.map(({ address }) => address);
  const families = new Map(rows.map((row) => [row.under, siblings(row).map(({ address }) => address)]));
  await bookmarks.arrange((all) => [...families.values()].reduce((list, family) => stepAmong(list, family, moved, direction), all));
}
