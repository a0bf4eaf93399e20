import { isRemoteError, toRemoteError } from '../errors.ts';
import { basename, child } from '../path.ts';
import type { Attributes, Call, Entry, Remote } from '../remote.ts';
import { forEachBounded } from './bounded.ts';
import { lstatIfThere } from './saveTarget.ts';
import { assertOwnFolder, removeEmptyEntry } from './trashFolder.ts';
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

/** Removes items of the trash for good. */
export async function emptyTrash(
  remote: Remote,
  items: readonly Pick<TrashedItem, 'entry'>[],
  options: Call & { readonly onRemoved?: (count: number) => void } = {},
): Promise<void> {
  let count = 0;
  for (const { entry } of items) {
    const [outermost] = entry;
    if (outermost !== undefined) await removeIfThere(remote, outermost, options);
    options.onRemoved?.((count += 1));
  }
}

/** After its item was taken out. */
export function forgetTrashed(remote: Remote, { entry }: TrashedItem, call: Call = {}): Promise<void> {
  return removeEmptyEntry(remote, entry, call);
}

/** So many entries are removed at most in one purge. */
const purgeLimit = 500;

/**
 * Removes the entries of the trash that are older than `before` (ms since the epoch) both by their name and, where the server tells it, by
 * their time: exactly those that this trash names, no link and nothing else. Resolves to how many. What can't be removed stays.
 */
export async function purgeTrash(remote: Remote, folder: string, before: number, call: Call = {}): Promise<number> {
  const old = (await entriesOf(remote, folder, call)).filter(({ time, mtime }) => time < before && (mtime === undefined || mtime < before));
  let removed = 0;
  for (const { name } of old.toReversed().slice(0, purgeLimit)) {
    try {
      await removeIfThere(remote, child(folder, name), call);
      removed += 1;
    } catch (error) {
      const reason = toRemoteError(error);
      if (reason.dropsConnection || reason.code === 'Cancelled') throw reason;
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
