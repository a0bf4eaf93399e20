import * as vscode from 'vscode';

/** The view “Sync” as a person sees it, and ticks in it. */
export interface ShownSync {
  /** Each with the name of its group; `+`: ticked. */
  rows(): string[];
  row(label: string): unknown;
  /** Tried, and not done. */
  failed(): string[];
  tick(label: string): void;
  message(): string;
}

interface Captured {
  readonly provider: vscode.TreeDataProvider<unknown>;
  readonly view: vscode.TreeView<unknown>;
  readonly ticked: vscode.EventEmitter<vscode.TreeCheckboxChangeEvent<unknown>>;
}

let captured: Captured | undefined;
let isWatching = false;

/** To be called before the first plan is made in this window. */
export function shownSync(): ShownSync {
  if (!isWatching) watch();
  const children = (row?: unknown): unknown[] => {
    const found = captured?.provider.getChildren(row);
    return Array.isArray(found) ? found : [];
  };
  const itemOf = (row: unknown): vscode.TreeItem => captured?.provider.getTreeItem(row) as vscode.TreeItem;
  const labelOf = (row: unknown): string => {
    const { label } = itemOf(row);
    return typeof label === 'string' ? label : (label?.label ?? '');
  };
  const find = (label: string): unknown =>
    children()
      .flatMap(children)
      .find((row) => labelOf(row) === label);
  return {
    rows: () =>
      children().flatMap((group) =>
        children(group).map((row) => {
          const isTicked = itemOf(row).checkboxState === vscode.TreeItemCheckboxState.Checked;
          return `${labelOf(group)} ${isTicked ? '+' : ''}${labelOf(row)}`;
        }),
      ),
    row: find,
    failed: () =>
      children()
        .flatMap(children)
        .filter((row) => String(itemOf(row).description).includes('not done:'))
        .map(labelOf),
    tick: (label) => captured?.ticked.fire({ items: [[find(label), vscode.TreeItemCheckboxState.Checked]] }),
    message: () => captured?.view.message ?? '',
  };
}

function watch(): void {
  isWatching = true;
  const window = vscode.window as { -readonly [Name in 'createTreeView']: (typeof vscode.window)[Name] };
  const createTreeView = window.createTreeView.bind(vscode.window);
  window.createTreeView = ((id: string, options: vscode.TreeViewOptions<unknown>) => {
    const view = createTreeView(id, options);
    if (id !== 'ferry.sync') return view;
    const ticked = new vscode.EventEmitter<vscode.TreeCheckboxChangeEvent<unknown>>();
    captured = { provider: options.treeDataProvider, view, ticked };
    return new Proxy(view, {
      get: (target, name) => (name === 'onDidChangeCheckboxState' ? ticked.event : (Reflect.get(target, name) as unknown)),
      set: (target, name, value) => Reflect.set(target, name, value),
    });
  }) as typeof window.createTreeView;
}
