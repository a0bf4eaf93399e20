import * as vscode from 'vscode';
import { type RemoteError, type RemoteErrorCode, toRemoteError } from '../core/errors.ts';
import { safeText } from '../core/text.ts';

/** What VS Code understands of each code. A new code does not compile until it is mapped. */
const kinds: Readonly<Record<RemoteErrorCode, (message: string) => vscode.FileSystemError>> = {
  NotFound: (message) => vscode.FileSystemError.FileNotFound(message),
  Exists: (message) => vscode.FileSystemError.FileExists(message),
  NotADirectory: (message) => vscode.FileSystemError.FileNotADirectory(message),
  IsADirectory: (message) => vscode.FileSystemError.FileIsADirectory(message),
  NotEmpty: (message) => new vscode.FileSystemError(message),
  Denied: (message) => vscode.FileSystemError.NoPermissions(message),
  NoSpace: (message) => new vscode.FileSystemError(message),
  Unsupported: (message) => new vscode.FileSystemError(message),
  BadPath: (message) => new vscode.FileSystemError(message),
  Conflict: (message) => new vscode.FileSystemError(message),
  Corrupt: (message) => new vscode.FileSystemError(message),
  Auth: (message) => vscode.FileSystemError.Unavailable(message),
  Untrusted: (message) => vscode.FileSystemError.Unavailable(message),
  Cancelled: (message) => vscode.FileSystemError.Unavailable(message),
  Unreachable: (message) => vscode.FileSystemError.Unavailable(message),
  Lost: (message) => vscode.FileSystemError.Unavailable(message),
  Busy: (message) => vscode.FileSystemError.Unavailable(message),
  Unknown: (message) => new vscode.FileSystemError(message),
};

/** What happened, to which file, on which host, and what to do; one line, safe to show. */
export function describeError(error: unknown): string {
  const { message, path, host, hint } = toRemoteError(error);
  const where = [path, host].filter((part) => part !== undefined).map((part) => safeText(part, 200));
  const what = safeText(message, 600);
  return [where.length > 0 ? `${where.join(' @ ')}: ${what}` : what, hint === undefined ? '' : safeText(hint, 300)].join(' ').trim();
}

/** What errors for VS Code's file service stand for, for those of us who get them back. */
const reasons = new WeakMap<vscode.FileSystemError, RemoteError>();

/** Any failure as the error that VS Code's file service expects. */
export function toFileSystemError(error: unknown): vscode.FileSystemError {
  if (error instanceof vscode.FileSystemError) return error;
  const reason = toRemoteError(error);
  const made = kinds[reason.code](describeError(reason));
  reasons.set(made, reason);
  return made;
}

/** Any failure as a RemoteError, also one that went through `toFileSystemError`. */
export function reasonOf(error: unknown): RemoteError {
  return (error instanceof vscode.FileSystemError ? reasons.get(error) : undefined) ?? toRemoteError(error);
}
