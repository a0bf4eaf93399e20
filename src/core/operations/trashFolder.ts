import { isRemoteError, RemoteError, toRemoteError } from '../errors.ts';
import { t } from '../l10n.ts';
import { child, contains, normalize, parent } from '../path.ts';
import type { Attributes, Call, Remote } from '../remote.ts';
import { lstatIfThere } from './saveTarget.ts';
import { makeFolders } from './tree.ts';
import { readTrashEntryName, trashEntryNames } from './trashNames.ts';

/** Where the trash of a host is on this server: the option `trash` is absolute, or relative to the folder that the login starts in. */
export function trashFolderOn(remote: Remote, trash: string): string {
  return normalize(trash.startsWith('/') ? trash : `${remote.facts.home}/${trash.replace(/^~\//, '')}`);
}

/** Whether `path` is an entry of the trash or lies in one: what is deleted there is gone for good. */
export function isTrashed(folder: string, path: string): boolean {
  if (!contains(folder, path) || path === folder) return false;
  const [entry = ''] = path.slice(folder === '/' ? 1 : folder.length + 1).split('/');
  return readTrashEntryName(entry) !== undefined;
}

/** Folders that were found or made on a connection: they are not looked for again before it ends. */
const known = new WeakMap<Remote, Set<string>>();

/**
 * Makes a new entry in the trash for what is at `path`: nobody else may read in it. Resolves to the folders of the entry, the outermost
 * first; the last one is empty and is to hold it. The trash itself is made when it is missing.
 */
export async function makeTrashEntry(remote: Remote, folder: string, path: string, call: Call): Promise<readonly [string, ...string[]]> {
  const [name, ...further] = trashEntryNames(path, Date.now());
  const entry: [string, ...string[]] = [child(folder, name)];
  await makeOutermost(remote, folder, entry[0], call);
  for (const inner of further) {
    const within = child(entry.at(-1) ?? folder, inner);
    await remote.mkdir(within, { ...call, mode: 0o700 });
    entry.push(within);
  }
  return entry;
}

async function makeOutermost(remote: Remote, folder: string, entry: string, call: Call): Promise<void> {
  const folders = known.get(remote) ?? new Set();
  known.set(remote, folders);
  const wasKnown = folders.has(folder);
  if (!wasKnown) await findOrMakeTrash(remote, folder, call);
  folders.add(folder);
  try {
    await remote.mkdir(entry, { ...call, mode: 0o700 });
  } catch (error) {
    if (!wasKnown || !isRemoteError(error, 'NotFound')) throw error;
    // Somebody has removed the whole trash meanwhile.
    folders.delete(folder);
    await makeOutermost(remote, folder, entry, call);
  }
}

async function findOrMakeTrash(remote: Remote, folder: string, call: Call): Promise<void> {
  const found = await lstatIfThere(remote, folder, call);
  if (found === undefined) return makeTrash(remote, folder, call);
  assertOwnFolder(folder, found);
}

async function makeTrash(remote: Remote, folder: string, call: Call): Promise<void> {
  const options = { ...call, mode: 0o700 };
  try {
    await remote.mkdir(folder, options);
  } catch (error) {
    if (!isRemoteError(error, 'NotFound', 'Exists')) throw error;
    if (error.code === 'NotFound') {
      await makeFolders(remote, parent(folder), call);
      await remote.mkdir(folder, options);
    } else assertOwnFolder(folder, await remote.lstat(folder, call));
  }
}

/** Where others could have put it, or could take away what is in it, it is no place for what must not get lost. */
export function assertOwnFolder(folder: string, { kind, mode }: Attributes): void {
  if (kind !== 'directory') throw new RemoteError('NotADirectory', t('The trash is not a folder.'), { path: folder });
  const open = mode !== undefined && (mode & 0o002) !== 0 && (mode & 0o1000) === 0;
  if (open) throw new RemoteError('Denied', t('Everybody on the server may change the trash, so nothing is put in it.'), { path: folder });
}

/** Removes the folders of an entry, innermost first, as far as they are empty. Never throws but for a lost connection or a cancel. */
export async function removeEmptyEntry(remote: Remote, entry: readonly string[], call: Call = {}): Promise<void> {
  for (const folder of entry.toReversed()) {
    try {
      await remote.rmdir(folder, call);
    } catch (error) {
      const reason = toRemoteError(error);
      if (reason.dropsConnection || reason.code === 'Cancelled') throw reason;
      return;
    }
  }
}
