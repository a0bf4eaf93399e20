import { DataTransferItem } from 'vscode';
import type { TreeDragAndDropController } from 'vscode';
import { type Moved, moveInto } from '../../core/hostOrder.ts';
import type { SavedHosts } from '../hosts.ts';
import { configRow } from './groups.ts';
import type { Row } from './rows.ts';

const rowsType = 'application/vnd.code.tree.ferry.hosts';

/**
 * Dragging rows within the view reorders and regroups the saved hosts: dropped on a group they go into it; dropped on a host they go before
 * it, into its group; dropped below the last they go to the end, into none.
 */
export function createHostDrop(hosts: SavedHosts): TreeDragAndDropController<Row> {
  return {
    dragMimeTypes: [rowsType],
    dropMimeTypes: [rowsType],
    handleDrag(rows, transfer) {
      const moved = movedBy(rows);
      if (moved.names.length + moved.groups.length > 0) transfer.set(rowsType, new DataTransferItem(moved));
    },
    async handleDrop(target, transfer) {
      const moved: unknown = transfer.get(rowsType)?.value;
      if (!isMoved(moved) || target === configRow) return;
      const names = moved.names.filter((name) => hosts.find(name) !== undefined);
      const before = target?.kind === 'host' ? hosts.find(target.name) : undefined;
      if (target?.kind === 'host' && before === undefined) return;
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

function isMoved(value: unknown): value is Moved {
  const isTexts = (list: unknown) => Array.isArray(list) && list.every((text) => typeof text === 'string');
  return (
    typeof value === 'object' && value !== null && 'names' in value && 'groups' in value && isTexts(value.names) && isTexts(value.groups)
  );
}
