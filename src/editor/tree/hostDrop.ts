import { DataTransferItem } from 'vscode';
import type { TreeDragAndDropController } from 'vscode';
import type { SavedHosts } from '../hosts.ts';
import type { Row } from './rows.ts';

const rowsType = 'application/vnd.code.tree.ferry.hosts';

/** Dragging rows within the view reorders the saved hosts: to before the row that they are dropped on, to the end below the last. */
export function createHostDrop(hosts: SavedHosts): TreeDragAndDropController<Row> {
  return {
    dragMimeTypes: [rowsType],
    dropMimeTypes: [rowsType],
    handleDrag(rows, transfer) {
      transfer.set(rowsType, new DataTransferItem(rows.flatMap((row) => (row.kind === 'host' ? row.name : []))));
    },
    async handleDrop(target, transfer) {
      const names: unknown = transfer.get(rowsType)?.value;
      if (!Array.isArray(names)) return;
      const before = target?.kind === 'host' ? target.name : undefined;
      const saved = names.filter((name): name is string => typeof name === 'string' && hosts.find(name) !== undefined);
      if (saved.length > 0 && !saved.some((name) => name === before)) await hosts.move(saved, before);
    },
  };
}
