import { isRemoteError, RemoteError, toRemoteError } from '../errors.ts';
import { t } from '../l10n.ts';
import { contains, parent } from '../path.ts';
import type { Attributes, Call, Remote } from '../remote.ts';
import { forEachBounded } from './bounded.ts';
import { carryAttributes, copyFile, removeQuietly } from './copyFile.ts';
import { lstatIfThere } from './saveTarget.ts';
import { isFolder, walk, type Walked } from './walk.ts';

export interface TreeOptions {
  readonly signal?: AbortSignal | undefined;
  /** Entries done, and the path of the last one. */
  readonly onProgress?: ((count: number, current: string) => void) | undefined;
}

/** One entry that was copied. */
export interface Copied {
  readonly source: string;
  readonly target: string;
  readonly depth: number;
  /** Of the source, when it was copied. */
  readonly attributes: Attributes;
}

/**
 * Removes what is at `path`, folders with all that they hold; links themselves, never what they lead to. What somebody else removed
 * meanwhile is fine, what somebody added is removed too. `NotFound` if there is nothing at `path`.
 */
export async function removeTree(remote: Remote, path: string, options: TreeOptions = {}): Promise<void> {
  let entries = await walk(remote, path, { signal: options.signal });
  const progress = counter(options);
  for (let attempt = 1; ; attempt += 1) {
    try {
      await removeEntries(remote, entries, options, progress);
      return;
    } catch (error) {
      if (!isRemoteError(error, 'NotEmpty') || attempt === 3) throw error;
    }
    entries = await walk(remote, path, { signal: options.signal });
  }
}

/** Removes just these, folders after what they hold; a missing one is fine, a folder that holds something else is `NotEmpty`. */
async function removeEntries(
  remote: Remote,
  entries: readonly Pick<Walked, 'path' | 'depth' | 'attributes'>[],
  { signal }: TreeOptions,
  progress: (path: string) => void,
): Promise<void> {
  const remove = async ({ path, attributes }: Pick<Walked, 'path' | 'attributes'>) => {
    try {
      await (attributes.kind === 'directory' ? remote.rmdir(path, { signal }) : remote.unlink(path, { signal }));
    } catch (error) {
      if (!isRemoteError(error, 'NotFound')) throw error;
    }
    progress(path);
  };
  const { parallel } = remote.facts;
  const folders = entries.filter(({ attributes }) => attributes.kind === 'directory');
  const others = entries.filter(({ attributes }) => attributes.kind !== 'directory');
  await forEachBounded(others, parallel, remove);
  const levels = Map.groupBy(folders, ({ depth }) => depth);
  for (const depth of [...levels.keys()].toSorted((one, other) => other - one))
    await forEachBounded(levels.get(depth) ?? [], parallel, remove);
}

/**
 * Copies a file, a link or a folder with all that it holds to `toPath`, where nothing must be (`Exists`). Links are copied as links: where
 * `to` makes none, or where there is something that is no file, nothing is copied (`Unsupported`). Undone after a failure.
 * Resolves to what was copied.
 */
export async function copyTree(
  from: Remote,
  to: Remote,
  fromPath: string,
  toPath: string,
  options: TreeOptions = {},
): Promise<readonly Copied[]> {
  if (from === to && fromPath !== toPath && contains(fromPath, toPath))
    throw new RemoteError('BadPath', t('A folder can not be moved or copied into itself.'), { path: toPath });
  const entries = await walk(from, fromPath, { signal: options.signal });
  assertCopyable(entries, to);
  // Only after this look may what is at `toPath` be taken for ours, and removed, when something fails.
  if ((await lstatIfThere(to, toPath, { signal: options.signal })) !== undefined)
    throw new RemoteError('Exists', t('There is already a file or folder with this name.'), { path: toPath });
  const plan = entries.map(({ path, relative, depth, attributes }) => ({
    source: path,
    target: relative === '' ? toPath : `${toPath === '/' ? '' : toPath}/${relative}`,
    depth,
    attributes,
  }));
  const made: Copied[] = [];
  try {
    await copyPlanned(from, to, plan, options, made);
  } catch (error) {
    await undo(to, made);
    throw error;
  }
  return plan;
}

function assertCopyable(entries: readonly Walked[], to: Remote): void {
  const strange = entries.find(({ attributes }) => attributes.kind === 'other');
  if (strange !== undefined) throw new RemoteError('Unsupported', t('Devices and pipes can not be copied.'), { path: strange.path });
  const link = to.symlink === undefined ? entries.find(({ attributes }) => attributes.kind === 'symlink') : undefined;
  if (link === undefined) return;
  throw new RemoteError('Unsupported', t('There is a symbolic link in it, and the target server makes none. Nothing was copied.'), {
    path: link.path,
    hint: t('Remove the link, or copy without the folder that holds it.'),
  });
}

/** `made` grows with what is there and is ours. */
async function copyPlanned(from: Remote, to: Remote, plan: readonly Copied[], options: TreeOptions, made: Copied[]): Promise<void> {
  const { signal } = options;
  const progress = counter(options);
  const folders = plan.filter(({ attributes }) => attributes.kind === 'directory');
  for (const level of Map.groupBy(folders, ({ depth }) => depth).values()) {
    await forEachBounded(level, to.facts.parallel, async (folder) => {
      await to.mkdir(folder.target, { signal });
      made.push(folder);
      progress(folder.target);
    });
  }
  // A few at once: each streams, and may be large.
  const limit = Math.min(8, from.facts.parallel, to.facts.parallel);
  await forEachBounded(plan, limit, async (entry) => {
    const { source, target, attributes } = entry;
    if (attributes.kind === 'directory') return;
    if (attributes.kind === 'symlink') await copyLink(from, to, entry, { signal });
    else await copyFile({ from, to, source, target, attributes }, { signal });
    made.push(entry);
    progress(target);
  });
  // Last: a folder may be read-only, and gets a new time with every entry.
  await forEachBounded(folders, to.facts.parallel, ({ target, attributes }) => carryAttributes(to, target, attributes, { signal }));
}

async function copyLink(from: Remote, to: Remote, { source, target, attributes }: Copied, call: Call): Promise<void> {
  const text = attributes.target ?? (await from.readLink?.(source, call));
  if (text === undefined) throw new RemoteError('Unsupported', t('The server does not tell where the link leads.'), { path: source });
  await to.symlink?.(text, target, call);
}

/** Only what this copy made. */
async function undo(to: Remote, made: readonly Copied[]): Promise<void> {
  const isDirectory = ({ attributes }: Copied) => attributes.kind === 'directory';
  await forEachBounded(
    made.filter((entry) => !isDirectory(entry)),
    to.facts.parallel,
    ({ target }) => removeQuietly(to, target),
  );
  const folders = made.filter(isDirectory).toSorted((one, other) => other.depth - one.depth);
  for (const { target } of folders) await removeQuietly(to, target, 'directory');
}

/**
 * Copies like `copyTree`, looks at both sides once more, and then removes from the source just what was copied: what came into being there
 * meanwhile stays (`NotEmpty`), what changed there undoes the copy (`Busy`).
 */
export async function moveBetween(
  from: Remote,
  to: Remote,
  fromPath: string,
  toPath: string,
  options: TreeOptions & {
    /** Brings the verified copy to its last place, while the source is still there. A failure undoes the copy. */
    readonly place?: (() => Promise<void>) | undefined;
  } = {},
): Promise<void> {
  const copied = await copyTree(from, to, fromPath, toPath, options);
  try {
    await verifyCopied(from, to, fromPath, toPath, copied, options);
    await options.place?.();
  } catch (error) {
    await undo(to, copied);
    throw error;
  }
  await removeCopied(from, copied, toPath);
}

/** Removes the sources of a verified copy and nothing else. Not to be cancelled: half of it would be worth nothing. */
async function removeCopied(from: Remote, copied: readonly Copied[], toPath: string): Promise<void> {
  const sources = copied.map(({ source, depth, attributes }) => ({ path: source, depth, attributes }));
  try {
    await removeEntries(from, sources, {}, () => {});
  } catch (error) {
    throw toRemoteError(error).with({ hint: t('Everything is at {0} now, but the original could not be removed.', toPath) });
  }
}

async function verifyCopied(
  from: Remote,
  to: Remote,
  fromPath: string,
  toPath: string,
  copied: readonly Copied[],
  { signal }: TreeOptions,
): Promise<void> {
  const before = await walk(from, fromPath, { signal });
  const after = new Map((await walk(to, toPath, { signal })).map((entry) => [entry.path, entry]));
  const sources = new Map(before.map((entry) => [entry.path, entry]));
  const changed = before.length !== copied.length || copied.some(({ source, attributes }) => !isSame(sources.get(source), attributes));
  if (changed) throw new RemoteError('Busy', t('It changed while it was moved. Nothing was moved.'), { path: fromPath, retryable: false });
  const wrong = copied.find(({ target, attributes }) => {
    const copy = after.get(target);
    return (
      copy === undefined || copy.attributes.kind !== attributes.kind || (!isFolder(copy) && sizeOf(copy.attributes) !== sizeOf(attributes))
    );
  });
  if (wrong === undefined) return;
  throw new RemoteError('Lost', t('The copy is not whole. Nothing was removed.'), {
    path: wrong.target,
    retryable: false,
    dropsConnection: false,
  });
}

function isSame(entry: Walked | undefined, { kind, size, mtime }: Attributes): boolean {
  if (entry?.attributes.kind !== kind) return false;
  return kind !== 'file' || (entry.attributes.size === size && entry.attributes.mtime === mtime);
}

/** A link's size is its own server's affair. */
function sizeOf({ kind, size }: Attributes): number {
  return kind === 'file' ? size : 0;
}

/** Makes the folder and those above it that are missing. `NotADirectory` where something else is in the way. */
export async function makeFolders(remote: Remote, path: string, call: Call = {}): Promise<void> {
  try {
    await remote.mkdir(path, call);
  } catch (error) {
    if (isRemoteError(error, 'Exists') || path === '/') return assertFolder(remote, path, call);
    if (!isRemoteError(error, 'NotFound')) throw error;
    await makeFolders(remote, parent(path), call);
    await mkdirOnce(remote, path, call);
  }
}

/** Somebody may be faster. */
async function mkdirOnce(remote: Remote, path: string, call: Call): Promise<void> {
  try {
    await remote.mkdir(path, call);
  } catch (error) {
    if (!isRemoteError(error, 'Exists')) throw error;
    await assertFolder(remote, path, call);
  }
}

async function assertFolder(remote: Remote, path: string, call: Call): Promise<void> {
  const { kind } = await remote.stat(path, call);
  if (kind !== 'directory') throw new RemoteError('NotADirectory', t('There is a file with this name.'), { path });
}

function counter({ onProgress }: TreeOptions): (path: string) => void {
  let count = 0;
  return (path) => {
    count += 1;
    onProgress?.(count, path);
  };
}
