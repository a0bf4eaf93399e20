import type { TreeView } from 'vscode';
import type { Disposable } from '../../core/events.ts';
import type { FileRows } from './fileRows.ts';
import { type FolderRow, hostRowOf, type Row } from './rows.ts';

/** Which hosts and folders the person has folded open. Those that are seen are looked at for changes by others. */
export interface OpenRows extends Disposable {
  readonly hosts: readonly FolderRow[];
  /**
   * At `row` and below. The lists of these have to be at hand before it is drawn anew: while VS Code asks for what is under a row it knows
   * none of the rows there, so that they take no command of a menu, and no drag.
   */
  at(row: FolderRow): readonly FolderRow[];
}

export interface OpenRowsParts {
  readonly view: Pick<TreeView<Row>, 'visible' | 'onDidExpandElement' | 'onDidCollapseElement' | 'onDidChangeVisibility'>;
  readonly files: Pick<FileRows, 'show'>;
  /** Whether there still is a host of this name. */
  isHost(name: string): boolean;
}

export function createOpenRows(parts: OpenRowsParts): OpenRows {
  const { view, files } = parts;
  const open = new Set<FolderRow>();
  const follow = (row: Row, isOpen: boolean) => {
    if (row.kind === 'group' || row.kind === 'note') return;
    if (isOpen) open.add(row);
    else open.delete(row);
    files.show(row, isOpen && view.visible);
  };
  /** A folder stays open within one that is closed. */
  const isSeenAt = (row: FolderRow, outer: FolderRow): boolean =>
    open.has(row) && (row === outer || (row.kind !== 'host' && isSeenAt(row.under, outer)));
  const forgetGone = () => {
    for (const row of open) if (!parts.isHost(hostRowOf(row)?.name ?? '')) open.delete(row);
  };
  const listeners = [
    view.onDidExpandElement(({ element }) => follow(element, true)),
    view.onDidCollapseElement(({ element }) => follow(element, false)),
    view.onDidChangeVisibility(({ visible }) => open.forEach((row) => files.show(row, visible))),
  ];
  return {
    get hosts() {
      forgetGone();
      return [...open].filter(({ kind }) => kind === 'host');
    },
    at(row) {
      forgetGone();
      return [...open].filter((each) => isSeenAt(each, row));
    },
    dispose: () => listeners.forEach((listener) => void listener.dispose()),
  };
}
