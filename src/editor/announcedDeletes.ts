import * as vscode from 'vscode';
import type { Disposable } from '../core/events.ts';

/** How long, in ms, an announcement holds: others may be asked between it and the delete, and the person may change their mind. */
const validTime = 120_000;

export interface AnnouncedDeletes extends Disposable {
  /** A person wants these deleted, and it begins now. */
  announce(uris: readonly vscode.Uri[]): void;
  /** Whether a person's delete of just this was announced; holds once. */
  take(uri: vscode.Uri): boolean;
}

/**
 * VS Code announces each delete that a person asked for before it calls the file system. When it deletes the target of a move or copy to make
 * room, it announces that move or copy instead; to the file system both look alike. The source of a move to another file system is
 * deleted for good: its copy is there by then.
 */
export function watchDeletes(isRemote: (uri: vscode.Uri) => boolean): AnnouncedDeletes {
  const announced = new Map<string, number>();
  const announce = (uris: readonly vscode.Uri[]) => {
    const now = Date.now();
    for (const [uri, time] of announced) if (now - time > validTime) announced.delete(uri);
    for (const uri of uris.filter(isRemote)) announced.set(uri.toString(), now);
  };
  const listeners = [
    vscode.workspace.onWillDeleteFiles(({ files }) => announce(files)),
    vscode.workspace.onWillRenameFiles(({ files }) => {
      for (const { newUri } of files) announced.delete(newUri.toString());
      announce(files.filter(({ oldUri, newUri }) => oldUri.scheme !== newUri.scheme).map(({ oldUri }) => oldUri));
    }),
    vscode.workspace.onWillCreateFiles(({ files }) => files.forEach((uri) => announced.delete(uri.toString()))),
  ];
  return {
    announce,
    take(uri) {
      const time = announced.get(uri.toString());
      announced.delete(uri.toString());
      return time !== undefined && Date.now() - time <= validTime;
    },
    dispose: () => listeners.forEach((listener) => void listener.dispose()),
  };
}
