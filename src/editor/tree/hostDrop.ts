import { DataTransferItem } from 'vscode';
import type { TreeDragAndDropController } from 'vscode';
import { type Moved, moveInto } from '../../core/hostOrder.ts';
import type { SavedHosts } from '../hosts.ts';
import type { KeptFolders } from '../keptFolders.ts';
import { type DraggedBookmark, draggedBookmarks, dropBookmarks } from './bookmarkOrder.ts';
import { configRow } from './groups.ts';
import { hostRowOf, type Row } from './rows.ts';

const rowsType = 'application/vnd.code.tree.ferry.hosts';

/**
 * Dragging rows within the view reorders and regroups the saved hosts: dropped on a group they go into it; dropped on a host they go before
 * it, into its group; dropped below the last they go to the end, into none. Bookmarks are reordered under their host.
 */
export function createHostDrop(hosts: SavedHosts, bookmarks: KeptFolders): TreeDragAndDropController<Row> {
  return {
    dragMimeTypes: [rowsType],
    dropMimeTypes: [rowsType],
    handleDrag(rows, transfer) {
      const moved: Dragged = { ...movedBy(rows), bookmarks: draggedBookmarks(rows) };
      if (moved.names.length + moved.groups.length + moved.bookmarks.length > 0) transfer.set(rowsType, new DataTransferItem(moved));
    },
    async handleDrop(target, transfer) {
      const moved: unknown = transfer.get(rowsType)?.value;
      if (!isDragged(moved) || target === configRow) return;
      await dropBookmarks(bookmarks, moved.bookmarks, target);
      if (moved.names.length + moved.groups.length === 0) return;
      const names = moved.names.filter((name) => hosts.find(name) !== undefined);
      const on = target && hostRowOf(target);
      const before = on && hosts.find(on.name);
      if (on !== undefined && before === undefined) return;
      const group = target?.kind === 'group' ? target.path : before?.look.group;
      if (names.includes(before?.name ?? '')) return;
      await hosts.arrange((items) => moveInto(items, { names, groups: moved.groups }, group, before?.name));
    },
  };
}

/** The saved hosts and groups among the rows. */
export function movedBy(rows: readonly Row[]): Moved {
  return {
    names: rows.flatMap((row) => (row.kind === 'host' ? row.name : [])),
    groups: rows.flatMap((row) => (row.kind === 'group' && row.path !== undefined ? row.path : [])),
  };
}

interface Dragged extends Moved {
  readonly bookmarks: readonly DraggedBookmark[];
}

function isDragged(value: unknown): value is Dragged {
  const isTexts = (list: unknown) => Array.isArray(list) && list.every((text) => typeof text === 'string');
  if (typeof value !== 'object' || value === null || !('names' in value && 'groups' in value && 'bookmarks' in value)) return false;
  return isTexts(value.names) && isTexts(value.groups) && Array.isArray(value.bookmarks) && value.bookmarks.every(isDraggedBookmark);
}

function isDraggedBookmark(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('address' in value && 'host' in value)) return false;
  return typeof value.address === 'string' && typeof value.host === 'string';
}
