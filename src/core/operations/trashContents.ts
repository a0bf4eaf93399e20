import { isRemoteError } from '../errors.ts';
import type { Host } from '../host.ts';
import { basename, child } from '../path.ts';
import type { Pool } from '../pool.ts';
import type { Attributes, Call, Entry, Remote } from '../remote.ts';
import { forEachBounded } from './bounded.ts';
import { lstatIfThere } from './saveTarget.ts';
import { assertOwnFolder, removeEmptyEntry, trashFolderOn } from './trashFolder.ts';
import { readFurtherName, readTrashedPath, readTrashEntryName } from './trashNames.ts';
import { removeTree } from './tree.ts';

/** One thing in the trash. All of it is what the server says: `from` is a proposal, for a person to agree to. */
export interface TrashedItem {
  /** Where it was, absolute and normal. */
  readonly from: string;
  /** When it was deleted, in ms since the epoch. */
  readonly time: number;
  /** Where it is. */
  readonly path: string;
  /** The folders of its entry, the outermost first: all of it goes with them. */
  readonly entry: readonly string[];
}

/** More are not looked at; the newest count. */
const itemLimit = 5000;

/** What is in the trash, newest first. Whatever is not an entry of Ferry's is left out. Empty where there is no trash. */
export async function listTrash(remote: Remote, folder: string, call: Call = {}): Promise<readonly TrashedItem[]> {
  const entries = (await entriesOf(remote, folder, call)).slice(0, itemLimit);
  const items: TrashedItem[] = [];
  await forEachBounded(entries, remote.facts.parallel, async (entry) => {
    const item = await readItem(remote, folder, entry, call);
    if (item !== undefined) items.push(item);
  });
  return items.toSorted((one, other) => other.time - one.time);
}

/** What the item is now; undefined for an entry that holds nothing (any more). */
export function describeTrashed(remote: Remote, { path }: TrashedItem, call: Call = {}): Promise<Attributes | undefined> {
  return lstatIfThere(remote, path, call);
}

/** Removes an item of the trash for good, with its entry. One that is gone is fine. */
export async function deleteTrashed(remote: Remote, { entry }: Pick<TrashedItem, 'entry'>, call: Call = {}): Promise<void> {
  const [outermost] = entry;
  if (outermost !== undefined) await removeIfThere(remote, outermost, call);
}

/** After its item was taken out. */
export function forgetTrashed(remote: Remote, { entry }: TrashedItem, call: Call = {}): Promise<void> {
  return removeEmptyEntry(remote, entry, call);
}

/** So many entries are removed at most in one purge. */
const purgeLimit = 500;

/**
 * Removes the entries of a host's trash that are older than `before` (ms since the epoch) both by their name and, where the server tells
 * it, by their time: exactly those that this trash names, no link and nothing else. What can't be removed stays. Nobody waits for it long:
 * each entry is a piece of work of its own. Resolves to how many were removed.
 */
export async function purgeTrash(pool: Pool, host: Host & { readonly trash: string }, before: number, call: Call = {}): Promise<number> {
  const options = { signal: call.signal, lane: 'bulk', repeatable: true } as const;
  const old = await pool.run(
    host,
    async (remote, signal) => {
      const folder = trashFolderOn(remote, host.trash);
      const entries = await entriesOf(remote, folder, { signal });
      const isOld = ({ time, mtime }: TrashEntry) => time < before && (mtime === undefined || mtime < before);
      return entries.filter(isOld).map(({ name }) => child(folder, name));
    },
    options,
  );
  let removed = 0;
  for (const path of old.toReversed().slice(0, purgeLimit)) {
    try {
      await pool.run(host, (remote, signal) => removeIfThere(remote, path, { signal }), { ...options, changes: 'new' });
      removed += 1;
    } catch (error) {
      if (!isRemoteError(error, 'Denied', 'NotEmpty', 'Unknown')) throw error;
    }
  }
  return removed;
}

type TrashEntry = Entry & NonNullable<ReturnType<typeof readTrashEntryName>>;

/** Newest first. */
async function entriesOf(remote: Remote, folder: string, call: Call): Promise<readonly TrashEntry[]> {
  const found = await lstatIfThere(remote, folder, call);
  if (found === undefined) return [];
  assertOwnFolder(folder, found);
  const entries = (await remote.list(folder, call)).flatMap((entry) => {
    const read = entry.kind === 'directory' ? readTrashEntryName(entry.name) : undefined;
    return read === undefined ? [] : [{ ...entry, ...read }];
  });
  return entries.toSorted((one, other) => other.time - one.time);
}

async function readItem(
  remote: Remote,
  folder: string,
  { name, time, start, further }: TrashEntry,
  call: Call,
): Promise<TrashedItem | undefined> {
  const entry = [child(folder, name)];
  let encoded = start;
  for (let left = further; left > 0; left -= 1) {
    const next = await furtherFolder(remote, entry.at(-1) ?? folder, call);
    if (next === undefined) return undefined;
    entry.push(next.path);
    encoded += next.part;
  }
  const from = readTrashedPath(encoded);
  return from === undefined ? undefined : { from, time, path: child(entry.at(-1) ?? folder, basename(from)), entry };
}

/** The folder within that goes on with the name; undefined where that is not clear. */
async function furtherFolder(
  remote: Remote,
  folder: string,
  call: Call,
): Promise<{ readonly path: string; readonly part: string } | undefined> {
  try {
    const found = (await remote.list(folder, call)).flatMap(({ kind, name }) => {
      const part = kind === 'directory' ? readFurtherName(name) : undefined;
      return part === undefined ? [] : [{ path: child(folder, name), part }];
    });
    return found.length === 1 ? found[0] : undefined;
  } catch (error) {
    if (isRemoteError(error, 'NotFound', 'Denied', 'NotADirectory')) return undefined;
    throw error;
  }
}

async function removeIfThere(remote: Remote, path: string, { signal }: Call): Promise<void> {
  try {
    await removeTree(remote, path, { signal });
  } catch (error) {
    if (!isRemoteError(error, 'NotFound')) throw error;
  }
}
