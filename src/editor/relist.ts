import * as vscode from 'vscode';
import type { Disposable } from '../core/events.ts';
import type { Pool } from '../core/pool.ts';
import { type Location, uriOf } from './uri.ts';

export interface Relist extends Disposable {
  /** A folder could not be listed: no connection, no trust, no answer of the person. */
  failed(location: Location): void;
  /** Lets the Explorer ask for all of these again, now that it may succeed. */
  retry(): void;
}

/**
 * The Explorer does not ask again for a folder whose listing failed, whatever changes are announced: it has to be told to refresh, once
 * the folder's host is connected after all. Only for folders of the workspace: the refresh brings the Explorer to the front.
 */
export function createRelist(pool: Pool): Relist {
  const hosts = new Map<string, string>();

  const again = () => {
    hosts.clear();
    void vscode.commands.executeCommand('workbench.files.action.refreshFilesExplorer');
  };

  const subscription = pool.onDidChangeState((name) => {
    if (pool.state(name).state === 'connected' && [...hosts.values()].includes(name)) again();
  });
  return {
    failed: ({ key, host, path }) => {
      if (isWorkspaceFolder(uriOf(host, path))) hosts.set(key, host.name);
    },
    retry: () => {
      if (hosts.size > 0) again();
    },
    dispose: () => subscription.dispose(),
  };
}

function isWorkspaceFolder(uri: vscode.Uri): boolean {
  return (vscode.workspace.workspaceFolders ?? []).some((folder) => folder.uri.toString() === uri.toString());
}
