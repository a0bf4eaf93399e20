import { isRemoteError, RemoteError } from '../errors.ts';
import { t } from '../l10n.ts';
import { child } from '../path.ts';
import type { Attributes, Call, Remote } from '../remote.ts';
import { forEachBounded } from './bounded.ts';

/** Deeper than any file system goes: a server that never ends its tree. */
const maxDepth = 256;

export interface Walked {
  readonly path: string;
  /** Below the root of the walk, without a leading slash; empty for the root itself. */
  readonly relative: string;
  readonly depth: number;
  readonly attributes: Attributes;
}

/**
 * The entry at `root` and all below it, folders before what they hold. Symbolic links are entries, never followed. A folder that vanishes
 * meanwhile counts as empty. `NotFound` if there is nothing at `root`.
 */
export async function walk(remote: Remote, root: string, call: Call = {}): Promise<readonly Walked[]> {
  const found: Walked[] = [{ path: root, relative: '', depth: 0, attributes: await remote.lstat(root, call) }];
  let folders = found.filter(isFolder);
  for (let depth = 1; folders.length > 0; depth += 1) {
    if (depth > maxDepth) throw new RemoteError('BadPath', t('The folders are nested too deeply.'), { path: root });
    const level = new Map<Walked, Walked[]>(folders.map((folder) => [folder, []]));
    await forEachBounded(folders, remote.facts.parallel, async (folder) => {
      for (const { name, ...attributes } of await listIfThere(remote, folder.path, call)) {
        const relative = folder.relative === '' ? name : `${folder.relative}/${name}`;
        level.get(folder)?.push({ path: child(folder.path, name), relative, depth, attributes });
      }
    });
    const next = [...level.values()].flat();
    for (const entry of next) found.push(entry);
    folders = next.filter(isFolder);
  }
  return found;
}

export function isFolder({ attributes }: Walked): boolean {
  return attributes.kind === 'directory';
}

async function listIfThere(remote: Remote, path: string, call: Call) {
  try {
    return await remote.list(path, call);
  } catch (error) {
    if (isRemoteError(error, 'NotFound')) return [];
    throw error;
  }
}
