import * as vscode from 'vscode';
import type { Disposable } from '../core/events.ts';

/** How long, in ms, an announcement holds: others may be asked between it and the delete, and the person may change their mind. */
const validTime = 120_000;

export interface AnnouncedDeletes extends Disposable {
  /** Whether a person's delete of just this was announced; holds once. */
  take(uri: vscode.Uri): boolean;
}

/**
 * VS Code announces each delete that a person asked for before it calls the file system. When it deletes the target of a move or copy to make
 * room, it announces that move or copy instead; to the file system both look alike.
 */
export function watchDeletes(isRemote: (uri: vscode.Uri) => boolean): AnnouncedDeletes {
  const announced = new Map<string, number>();
  const listener = vscode.workspace.onWillDeleteFiles(({ files }) => {
    const now = Date.now();
    for (const [uri, time] of announced) if (now - time > validTime) announced.delete(uri);
    for (const uri of files.filter(isRemote)) announced.set(uri.toString(), now);
  });
  return {
    take(uri) {
      const time = announced.get(uri.toString());
      announced.delete(uri.toString());
      return time !== undefined && Date.now() - time <= validTime;
    },
    dispose: () => void listener.dispose(),
  };
}
