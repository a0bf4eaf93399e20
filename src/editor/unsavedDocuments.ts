import * as vscode from 'vscode';
import type { Bases } from '../core/bases.ts';
import type { History } from './history.ts';
import { isRemote, type Location } from './uri.ts';

/**
 * While a document has unsaved changes the content that they are based on stays on this computer's disk, so that it can still be merged with
 * the server's after a reload or crash of the window: VS Code brings the document back, but not its base.
 */
export function keepUnsavedBases(history: History, bases: Bases, locate: (uri: vscode.Uri) => Location): vscode.Disposable {
  /** By the file's key, the base that is kept. */
  const kept = new Map<string, string>();

  const keyOf = (uri: vscode.Uri) => {
    try {
      return isRemote(uri) ? locate(uri).key : undefined;
    } catch {
      // A host that is not known any more.
      return undefined;
    }
  };
  const release = (key: string) => {
    const hash = kept.get(key);
    kept.delete(key);
    if (hash !== undefined && ![...kept.values()].includes(hash)) history.releaseBase(hash);
  };
  const look = (document: vscode.TextDocument, isClosed = false) => {
    const key = keyOf(document.uri);
    if (key === undefined) return;
    const hash = document.isDirty && !isClosed ? bases.get(key)?.hash : undefined;
    if (hash === kept.get(key)) return;
    release(key);
    if (hash === undefined) return;
    kept.set(key, hash);
    history.keepBase(hash);
  };

  for (const document of vscode.workspace.textDocuments) look(document);
  return vscode.Disposable.from(
    vscode.workspace.onDidOpenTextDocument((document) => look(document)),
    vscode.workspace.onDidChangeTextDocument(({ document }) => look(document)),
    vscode.workspace.onDidSaveTextDocument((document) => look(document)),
    vscode.workspace.onDidCloseTextDocument((document) => look(document, true)),
  );
}
