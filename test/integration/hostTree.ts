import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { eventually } from './typing.ts';

/* The view of hosts as VS Code sees it: what Ferry hands over when it is activated. To be imported before that. */

export type Row = object;

interface Given {
  readonly treeDataProvider: vscode.TreeDataProvider<Row>;
  readonly dragAndDropController: vscode.TreeDragAndDropController<Row>;
}

let given: Given | undefined;
let view: vscode.TreeView<Row> | undefined;
const opened = new vscode.EventEmitter<vscode.TreeViewExpansionEvent<Row>>();

const window = vscode.window as { createTreeView: (id: string, options: vscode.TreeViewOptions<Row>) => vscode.TreeView<Row> };
const { createTreeView } = window;
window.createTreeView = (id, options) => {
  const made = createTreeView.call(vscode.window, id, options);
  if (id !== 'ferry.hosts') return made;
  [given, view] = [options as Given, made];
  return new Proxy(made, {
    get: (target, name) => (name === 'onDidExpandElement' ? opened.event : (Reflect.get(target, name) as unknown)),
    set: (target, name, value) => Reflect.set(target, name, value),
  });
};

/** As VS Code tells it when a person opens the row. */
export function open(row: Row): void {
  opened.fire({ element: row });
}

/** Resolves when the row, or without one the whole view, is to be drawn anew. */
export function redrawn(row?: Row): Promise<void> {
  return new Promise((resolve) => {
    const listener = tree().treeDataProvider.onDidChangeTreeData?.((changed) => {
      if (changed !== row) return;
      listener?.dispose();
      resolve();
    });
  });
}

/** Resolves when the view is there. */
export async function showHosts(): Promise<void> {
  await vscode.commands.executeCommand('ferry.hosts.focus');
  await vscode.extensions.getExtension('ferry.ferry')?.activate();
}

function tree(): Given {
  if (given === undefined) throw new Error('Ferry has made no view of hosts since this module was loaded.');
  return given;
}

export async function rowsUnder(row?: Row): Promise<readonly Row[]> {
  return (await tree().treeDataProvider.getChildren(row)) ?? [];
}

export async function itemOf(row: Row): Promise<vscode.TreeItem> {
  const item = await tree().treeDataProvider.getTreeItem(row);
  return (await tree().treeDataProvider.resolveTreeItem?.(item, row, new vscode.CancellationTokenSource().token)) ?? item;
}

/** The row at the end of these labels, from a host on. */
export async function rowAt(...path: readonly string[]): Promise<Row> {
  let row: Row | undefined;
  for (const label of path) {
    const rows: readonly Row[] = await rowsUnder(row);
    const labels = await Promise.all(rows.map(async (each) => (await tree().treeDataProvider.getTreeItem(each)).label));
    const index = labels.indexOf(label);
    row = rows[index];
    if (row === undefined) throw new Error(`No ${label} among ${JSON.stringify(labels)}`);
  }
  if (row === undefined) throw new Error('No row was asked for.');
  return row;
}

/** Above the rows. */
export function wordsOfView(): string {
  return view?.message ?? '';
}

/** Chooses the row in the view, as a click does. */
export async function select(row: Row): Promise<void> {
  await eventually(async () => {
    // While the list is drawn anew it is not there.
    await view?.reveal(row, { select: true, focus: true });
    assert.deepEqual(view?.selection, [row]);
  });
}

/** Of the rows that are selected. */
export async function selectedLabels(): Promise<unknown[]> {
  return Promise.all((view?.selection ?? []).map(async (row) => (await tree().treeDataProvider.getTreeItem(row)).label));
}

/** Drags rows of the view onto another, or below the last. */
export async function dragOnto(target: Row | undefined, ...rows: readonly Row[]): Promise<void> {
  const { dragAndDropController: controller } = tree();
  const [transfer, { token }] = [new vscode.DataTransfer(), new vscode.CancellationTokenSource()];
  await controller.handleDrag?.(rows, transfer, token);
  await controller.handleDrop?.(target, transfer, token);
}

/** A file as the operating system hands it over: with its place on this computer, or in a browser with its contents only. */
export class DroppedFile extends vscode.DataTransferItem {
  readonly #file: vscode.DataTransferFile;

  constructor(name: string, content: string | Error, uri?: vscode.Uri) {
    super('');
    const data = () => (content instanceof Error ? Promise.reject(content) : Promise.resolve(new TextEncoder().encode(content)));
    this.#file = { name, uri, data } as vscode.DataTransferFile;
  }

  override asFile(): vscode.DataTransferFile {
    return this.#file;
  }
}

/** What was dragged is named by addresses, as VS Code does; where it comes from the operating system there are `files` too. */
export async function dropOn(
  row: Row | undefined,
  uris: readonly (vscode.Uri | string)[],
  files: readonly DroppedFile[] = [],
): Promise<void> {
  const transfer = new vscode.DataTransfer();
  if (uris.length > 0) transfer.set('text/uri-list', new vscode.DataTransferItem(uris.join('\r\n')));
  // Each type has one item: VS Code gives each file the type that the system tells.
  files.forEach((file, index) => transfer.set(`application/x-file-${index}`, file));
  await tree().dragAndDropController.handleDrop?.(row, transfer, new vscode.CancellationTokenSource().token);
}
