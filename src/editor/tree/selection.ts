import type { TreeView } from 'vscode';
import type { Disposable } from '../../core/events.ts';

export interface Selection<T> extends Disposable {
  readonly rows: readonly T[];
}

/** What is selected, also while the list is drawn anew: for that moment VS Code knows none of its rows, and a key would do nothing. */
export function followSelection<T>(view: Pick<TreeView<T>, 'selection' | 'onDidChangeSelection'>): Selection<T> {
  let told: readonly T[] = view.selection;
  const listener = view.onDidChangeSelection(({ selection }) => {
    told = selection;
  });
  return {
    get rows() {
      return view.selection.length > 0 ? view.selection : told;
    },
    dispose: () => void listener.dispose(),
  };
}
