import { lstat } from 'node:fs/promises';
import { Uri } from 'vscode';

/**
 * Whether `uri` is a symbolic link of this computer, or lies below one that is below `root`: what comes from a server must not be led elsewhere
 * by it. Each folder is looked at once.
 */
export function createLinkLook(root: Uri): (uri: Uri) => Promise<boolean> {
  const known = new Map<string, Promise<boolean>>();
  const isLed = async (uri: Uri): Promise<boolean> => {
    if (uri.path.length <= root.path.length) return false;
    if (await look(Uri.joinPath(uri, '..'))) return true;
    try {
      return (await lstat(uri.fsPath)).isSymbolicLink();
    } catch (error) {
      // What is not there leads nowhere.
      if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
      throw error;
    }
  };
  const look = (uri: Uri): Promise<boolean> => {
    const found = known.get(uri.path) ?? isLed(uri);
    known.set(uri.path, found);
    return found;
  };
  return look;
}
