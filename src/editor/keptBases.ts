import * as vscode from 'vscode';
import type { Bases } from '../core/bases.ts';
import type { Version } from '../core/operations/version.ts';
import { isRemote, type Location } from './uri.ts';

const key = 'bases';

/**
 * Keeps the bases of documents with unsaved changes over a reload or crash of the window: VS Code brings those documents back without
 * reading their files, so that nobody else could tell whether they were changed meanwhile.
 */
export function keepBases(bases: Bases, state: vscode.Memento, locate: (uri: vscode.Uri) => Location): vscode.Disposable {
  let kept = state.get<[string, Version][]>(key, []);
  for (const [file, version] of kept) bases.set(file, version);

  const basesOfUnsaved = (): [string, Version][] =>
    vscode.workspace.textDocuments
      .filter(({ uri, isDirty }) => isDirty && isRemote(uri))
      .flatMap(({ uri }) => {
        const file = locate(uri).key;
        const version = bases.get(file);
        return version === undefined ? [] : [[file, version]];
      });

  return vscode.workspace.onDidChangeTextDocument(({ document }) => {
    if (!isRemote(document.uri)) return;
    const now = basesOfUnsaved();
    if (JSON.stringify(now) === JSON.stringify(kept)) return;
    kept = now;
    // A failed write costs a look at a change after a crash, nothing now.
    void Promise.resolve(state.update(key, now)).catch(() => undefined);
  });
}
