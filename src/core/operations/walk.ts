import { isRemoteError, RemoteError } from '../errors.ts';
import { t } from '../l10n.ts';
import { child } from '../path.ts';
import type { Attributes, Entry, ListCall, Remote } from '../remote.ts';
import { forEachSpread, type Further } from './spread.ts';

/** Deeper than any file system goes: a server that never ends its tree. */
const maxDepth = 256;

export interface Walked {
  readonly path: string;
  /** Below the root of the walk, without a leading slash; empty for the root itself. */
  readonly relative: string;
  readonly depth: number;
  readonly attributes: Attributes;
}

export interface WalkCall extends ListCall {
  readonly further?: Further<Remote> | undefined;
  /** What is left out, with all below it. */
  readonly omits?: ((relative: string, isFolder: boolean) => Promise<boolean>) | undefined;
}

/**
 * The entry at `root` and all below it, folders before what they hold. Symbolic links are entries, never followed. A folder that vanishes
 * meanwhile counts as empty. `NotFound` if there is nothing at `root`.
 */
export async function walk(remote: Remote, root: string, call: WalkCall = {}): Promise<readonly Walked[]> {
  const { signal, further, briefly, omits } = call;
  const { attributes, entries } = await lookAndList(remote, root, { signal, briefly });
  const found: Walked[] = [{ path: root, relative: '', depth: 0, attributes }];
  let folders = found.filter(isFolder);
  for (let depth = 1; folders.length > 0; depth += 1) {
    if (depth > maxDepth) throw new RemoteError('BadPath', t('The folders are nested too deeply.'), { path: root });
    const level = new Map<Walked, Walked[]>(folders.map((folder) => [folder, []]));
    const spread = { own: remote, parallel: remote.facts.parallel, further, signal, repeatable: true };
    await forEachSpread(folders, spread, async (folder, lister, ended) => {
      const listed = depth === 1 && entries !== undefined ? entries : await listIfThere(lister, folder.path, { signal: ended, briefly });
      for (const { name, ...attributes } of listed) {
        const relative = folder.relative === '' ? name : `${folder.relative}/${name}`;
        if (omits !== undefined && (await omits(relative, attributes.kind === 'directory'))) continue;
        level.get(folder)?.push({ path: child(folder.path, name), relative, depth, attributes });
      }
    });
    const next = [...level.values()].flat();
    for (const entry of next) found.push(entry);
    folders = next.filter(isFolder);
  }
  return found;
}

/** In one flight where the server takes several calls at once: what is walked mostly is a folder. `entries`: undefined where not listed. */
async function lookAndList(
  remote: Remote,
  root: string,
  call: ListCall,
): Promise<{ readonly attributes: Attributes; readonly entries: readonly Entry[] | undefined }> {
  if (remote.facts.parallel === 1) return { attributes: await remote.lstat(root, call), entries: undefined };
  const unwanted = new AbortController();
  const signal = call.signal === undefined ? unwanted.signal : AbortSignal.any([call.signal, unwanted.signal]);
  const looking = remote.lstat(root, call);
  const listing = listIfThere(remote, root, { ...call, signal }).then(
    (entries) => ({ entries }),
    (error: unknown) => ({ error }),
  );
  try {
    const attributes = await looking;
    if (attributes.kind !== 'directory') return { attributes, entries: undefined };
    const listed = await listing;
    if ('error' in listed) throw listed.error;
    return { attributes, entries: listed.entries };
  } finally {
    unwanted.abort();
    await listing;
  }
}

export function isFolder({ attributes }: Walked): boolean {
  return attributes.kind === 'directory';
}

async function listIfThere(remote: Remote, path: string, call: ListCall) {
  try {
    return await remote.list(path, call);
  } catch (error) {
    if (isRemoteError(error, 'NotFound')) return [];
    throw error;
  }
}
