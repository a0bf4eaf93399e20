import * as vscode from 'vscode';
import type { Disposable } from '../core/events.ts';

/** The documents that merge editors write to. */
export interface MergeResults {
  has(uri: vscode.Uri): boolean;
  /** Saves what is merged so far, and completes nothing: the same merge begins with it when it is opened again. */
  saveDraft(result: vscode.TextDocument): Promise<void>;
}

/**
 * Closes editors that VS Code opens for the unsaved result of a merge whose merge editor is gone: it keeps every unsaved text in sight,
 * but this one is no file of the person. Where its draft can't be saved, the editor stays.
 */
export function closeLeftResults(results: MergeResults): Disposable {
  const close = async (uri: vscode.Uri): Promise<void> => {
    const result = vscode.workspace.textDocuments.find((document) => document.isDirty && isSame(document.uri, uri));
    if (result === undefined || tabs().some(({ input }) => isMergeOf(input, uri))) return;
    await results.saveDraft(result);
    const left = tabs().filter(({ input }) => isTextOf(input, uri));
    if (!result.isDirty && left.length > 0) await vscode.window.tabGroups.close(left, true);
  };
  return vscode.window.tabGroups.onDidChangeTabs(({ opened }) => {
    for (const { input } of opened) {
      // What can't be closed is there to be seen.
      if (input instanceof vscode.TabInputText && results.has(input.uri)) void close(input.uri).catch(() => undefined);
    }
  });
}

function tabs(): readonly vscode.Tab[] {
  return vscode.window.tabGroups.all.flatMap((group) => group.tabs);
}

function isTextOf(input: unknown, uri: vscode.Uri): boolean {
  return input instanceof vscode.TabInputText && isSame(input.uri, uri);
}

/** The class of a merge editor's input is not in the API, its members are. */
function isMergeOf(input: unknown, uri: vscode.Uri): boolean {
  const { result } = (input ?? {}) as { readonly result?: unknown };
  return result instanceof vscode.Uri && isSame(result, uri);
}

function isSame(one: vscode.Uri, other: vscode.Uri): boolean {
  return one.toString() === other.toString();
}
