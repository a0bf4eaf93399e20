import * as vscode from 'vscode';

export type Row = object;

/** The rows of the view “Transfers”, from when it is first made on. */
let rows: vscode.TreeDataProvider<Row> | undefined;

const window = vscode.window as { createTreeView: (id: string, options: vscode.TreeViewOptions<Row>) => vscode.TreeView<Row> };
const { createTreeView } = window;
window.createTreeView = (id, options) => {
  if (id === 'ferry.transfers') rows = options.treeDataProvider;
  return createTreeView.call(vscode.window, id, options);
};

export function under(row?: Row): Row[] {
  return (rows?.getChildren(row) as Row[] | undefined) ?? [];
}

export function itemOf(row: Row): vscode.TreeItem {
  return rows?.getTreeItem(row) as vscode.TreeItem;
}

export function labelOf(row: Row): string {
  const { label } = itemOf(row);
  return typeof label === 'string' ? label : '';
}

/** Runs a command of the view. */
export function does(command: string, row?: unknown): Thenable<unknown> {
  return vscode.commands.executeCommand(`ferry.transfers.${command}`, row);
}
