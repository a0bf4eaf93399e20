import * as vscode from 'vscode';
import type { Disposable } from '../core/events.ts';
import type { Host } from '../core/host.ts';
import { readyToSave } from '../core/operations/secondConnection.ts';
import type { Pool } from '../core/pool.ts';
import type { Location } from './uri.ts';

/** How often, in ms, while somebody types: what is made ready waits a little longer than that. */
const interval = 15_000;

export interface ReadySavesParts {
  readonly pool: Pool;
  locate(uri: vscode.Uri): Location;
  isRemote(uri: vscode.Uri): boolean;
}

/** While a document of an FTP host is typed in, the connections that its save takes are kept ready. */
export function readySaves(parts: ReadySavesParts): Disposable {
  const readied = new Map<string, number>();
  return vscode.workspace.onDidChangeTextDocument(({ document: { uri, isDirty } }) => {
    if (!isDirty || !parts.isRemote(uri)) return;
    const host = hostOf(parts, uri);
    if (host === undefined || host.protocol === 'sftp') return;
    const now = performance.now();
    if (now - (readied.get(host.name) ?? -interval) < interval) return;
    readied.set(host.name, now);
    void readyToSave(parts.pool, host);
  });
}

function hostOf(parts: ReadySavesParts, uri: vscode.Uri): Host | undefined {
  try {
    return parts.locate(uri).host;
  } catch {
    // It was removed meanwhile.
    return undefined;
  }
}
