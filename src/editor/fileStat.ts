import * as vscode from 'vscode';
import type { Description } from '../core/operations/describeEntry.ts';
import type { Attributes, Kind } from '../core/remote.ts';

const types: Readonly<Record<Kind, vscode.FileType>> = {
  file: vscode.FileType.File,
  directory: vscode.FileType.Directory,
  symlink: vscode.FileType.SymbolicLink,
  other: vscode.FileType.Unknown,
};

/** `target`: what an entry that is a link leads to; undefined for a broken one. */
export function fileType(kind: Kind, target: Kind | undefined): vscode.FileType {
  if (kind !== 'symlink') return types[kind];
  return vscode.FileType.SymbolicLink | (target === undefined ? vscode.FileType.Unknown : types[target]);
}

export function fileStat({ entry, target }: Description): vscode.FileStat {
  const shown = target ?? entry;
  const time = shown.mtime ?? shown.shownTime ?? 0;
  const stat: vscode.FileStat = { type: fileType(entry.kind, target?.kind), size: shown.size, mtime: time, ctime: time };
  return isReadonly(shown) ? { ...stat, permissions: vscode.FilePermission.Readonly } : stat;
}

/** What the server says itself counts; else a mode that lets nobody write. */
function isReadonly({ writable, mode }: Attributes): boolean {
  return writable === undefined ? mode !== undefined && (mode & 0o222) === 0 : !writable;
}
