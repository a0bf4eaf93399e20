import * as vscode from 'vscode';
import type { Host } from '../core/host.ts';
import { isRemote, type Location } from './uri.ts';

/** Whether the window has a folder or a document of this host open. */
export function isOpenHere(host: Host, locate: (uri: vscode.Uri) => Location): boolean {
  const folders = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri);
  const documents = vscode.workspace.textDocuments.filter(({ isClosed }) => !isClosed).map(({ uri }) => uri);
  return [...folders, ...documents].filter(isRemote).some((uri) => {
    try {
      const { name, protocol } = locate(uri).host;
      return protocol === host.protocol && name.toLowerCase() === host.name.toLowerCase();
    } catch {
      // A host that was removed from the settings.
      return false;
    }
  });
}
