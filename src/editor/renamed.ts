import type * as vscode from 'vscode';
import { contains } from '../core/path.ts';

/** Where `uri` is after files or folders were renamed in this window; undefined: where it was. */
export function renamed(
  uri: vscode.Uri,
  files: readonly { readonly oldUri: vscode.Uri; readonly newUri: vscode.Uri }[],
): vscode.Uri | undefined {
  for (const { oldUri, newUri } of files) {
    const same = oldUri.scheme === uri.scheme && oldUri.authority === uri.authority;
    if (same && contains(oldUri.path, uri.path)) return newUri.with({ path: newUri.path + uri.path.slice(oldUri.path.length) });
  }
  return undefined;
}
