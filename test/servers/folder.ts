import { chmodSync, chownSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folders = new Set<string>();

process.on('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

export interface FolderOptions {
  /** Where it is made; default: the system's folder for temporary files. */
  readonly within?: string;
  /** Default 0o755, so that a server's own user can pass. */
  readonly mode?: number;
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
}

/** A new folder that is removed by `removeFolder`, or at the latest when this process ends. Its path has no symbolic links. */
export function temporaryFolder(purpose: string, options: FolderOptions = {}): string {
  const folder = realpathSync(mkdtempSync(join(options.within ?? tmpdir(), `ferry-${purpose}-`)));
  folders.add(folder);
  chmodSync(folder, options.mode ?? 0o755);
  if (options.owner !== undefined) chownSync(folder, options.owner.uid, options.owner.gid);
  return folder;
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  folders.delete(folder);
}
