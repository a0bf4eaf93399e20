import type { Host } from '../host.ts';
import type { Discard } from './moveOver.ts';
import { moveToTrash } from './trash.ts';
import { isTrashed, trashFolderOn } from './trashFolder.ts';
import { removeTree } from './tree.ts';

/** What becomes on `host` of what is replaced: it goes to the trash where the host has one, unless it is there already; else it is removed. */
export function discardOn({ trash }: Pick<Host, 'trash'>): Discard {
  return async (remote, aside, to) => {
    const folder = trash === undefined ? undefined : trashFolderOn(remote, trash);
    if (folder === undefined || isTrashed(folder, to)) await removeTree(remote, aside);
    else await moveToTrash(remote, folder, aside, { origin: to });
  };
}
