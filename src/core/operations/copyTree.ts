import { isRemoteError, RemoteError, toRemoteError } from '../errors.ts';
import { t } from '../l10n.ts';
import type { Attributes, Call, Remote } from '../remote.ts';
import { forEachBounded, Room, settleAll } from './bounded.ts';
import { carryAttributes, copyFile, removeQuietly, type Reader } from './copyFile.ts';
import { forEachSpread, type Further } from './spread.ts';
import { counter, removeEntries, type TreeOptions } from './tree.ts';
import { orUnsettled } from './unsettled.ts';
import { isFolder, walk, type Walked } from './walk.ts';

/** A connection to each of both servers; the same one where it is one server. */
export interface Pair {
  readonly from: Remote;
  readonly to: Remote;
}

export interface CopyOptions extends TreeOptions {
  readonly reader?: Reader | undefined;
  readonly further?: Further<Pair> | undefined;
  /** Must have resolved before anything is made. */
  readonly allowed?: Promise<void> | undefined;
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
 * Copies a file, a link or a folder with all that it holds to `toPath`, where nothing must be (`Exists`). Links are copied as links: where
 * `to` makes none, or where there is something that is no file, nothing is copied (`Unsupported`). After a failure the caller removes
 * what is at `toPath`. Resolves to what was copied.
 */
export async function copyTree(
  from: Remote,
  to: Remote,
  fromPath: string,
  toPath: string,
  options: CopyOptions = {},
): Promise<readonly Copied[]> {
  const { signal, further } = options;
  const [entries] = await settleAll([
    walk(from, fromPath, { signal, further: sideOf(further, 'from') }),
    options.allowed ?? Promise.resolve(),
  ]);
  assertCopyable(entries, to);
  const plan = entries.map(({ path, relative, depth, attributes }) => ({
    source: path,
    target: relative === '' ? toPath : `${toPath === '/' ? '' : toPath}/${relative}`,
    depth,
    attributes,
  }));
  await copyPlanned(from, to, plan, options);
  return plan;
}

function sideOf(further: Further<Pair> | undefined, side: keyof Pair): Further<Remote> | undefined {
  return further && { count: further.count, run: (step, signal) => further.run((pair, ended) => step(pair[side], ended), signal) };
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

/** Bytes of a file that may be under way at once: many small ones go together, but only a few large ones. */
const largestFile = 4 * 1024 * 1024;
const largeFiles = 8;

async function copyPlanned(from: Remote, to: Remote, plan: readonly Copied[], options: CopyOptions): Promise<void> {
  const { signal, reader, further } = options;
  const progress = counter(options);
  const changesAtOnce = to.facts.changesAtOnce ?? to.facts.parallel;
  const folders = plan.filter(({ attributes }) => attributes.kind === 'directory');
  for (const level of Map.groupBy(folders, ({ depth }) => depth).values()) {
    await forEachBounded(level, changesAtOnce, async ({ target }) => {
      await to.mkdir(target, { signal });
      progress(target);
    });
  }
  const spread = { own: { from, to }, parallel: Math.min(from.facts.parallel, to.facts.parallel), further, signal, repeatable: true };
  const begun = new Set<string>();
  const room = new Room(largestFile * largeFiles);
  const others = plan.filter(({ attributes }) => attributes.kind !== 'directory');
  await forEachSpread(others, spread, async (entry, pair, ended) => {
    const { source, target, attributes, depth } = entry;
    // A server may still be busy with what a lost connection left: that is not written over.
    if (begun.has(target)) await removeQuietly(pair.to, target);
    begun.add(target);
    // The folders were made here, so that nothing is in them.
    const copy = { ...pair, source, target, attributes, isFree: depth > 0 };
    if (attributes.kind === 'symlink') await copyLink(pair, entry, { signal: ended });
    else await room.hold(Math.min(attributes.size, largestFile), () => copyFile(copy, { signal: ended, reader }));
    progress(target);
  });
  // Last: a folder may be read-only, and gets a new time with every entry.
  await forEachBounded(folders, changesAtOnce, ({ target, attributes }) => carryAttributes(to, target, attributes, { signal }));
}

async function copyLink({ from, to }: Pair, { source, target, attributes }: Copied, call: Call): Promise<void> {
  const text = attributes.target ?? (await from.readLink?.(source, call));
  if (text === undefined) throw new RemoteError('Unsupported', t('The server does not tell where the link leads.'), { path: source });
  await to.symlink?.(text, target, call);
}

/** Looks at both sides once more: throws `Busy` where the source changed meanwhile, `Lost` where the copy is not whole. */
export async function verifyCopied(
  from: Remote,
  to: Remote,
  copied: readonly Copied[],
  { signal, further }: Pick<CopyOptions, 'signal' | 'further'>,
): Promise<void> {
  const [root] = copied;
  if (root === undefined) return;
  if (hasChanged(await walk(from, root.source, { signal, further: sideOf(further, 'from') }), copied))
    throw new RemoteError('Busy', t('It changed while it was moved. Nothing was moved.'), { path: root.source, retryable: false });
  const there = await walk(to, root.target, { signal, further: sideOf(further, 'to') });
  const after = new Map(there.map((entry) => [entry.path, entry]));
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

/**
 * Removes the sources of a verified copy, now at `copy`, and nothing else: nothing at all where they have changed since. Not to be
 * cancelled: half of it would be worth nothing. Throws `UnsettledError` when the link is lost.
 */
export async function removeCopied(from: Remote, copied: readonly Copied[], copy: string): Promise<void> {
  try {
    await orUnsettled(removeUnchanged(from, copied), (next) => removeUnchanged(next, copied));
  } catch (error) {
    throw toRemoteError(error).with({ hint: t('Everything is at {0} now, but the original could not be removed.', copy) });
  }
}

async function removeUnchanged(from: Remote, copied: readonly Copied[]): Promise<void> {
  const [root] = copied;
  if (root === undefined) return;
  const now = await walkIfThere(from, root.source);
  const sources = new Map(copied.map((entry) => [entry.source, entry.attributes]));
  const changed = now.find(({ path, attributes }) => !isSame(attributes, sources.get(path)));
  if (changed !== undefined)
    throw new RemoteError('Busy', t('It changed after it was copied, so nothing of it was removed.'), {
      path: changed.path,
      retryable: false,
    });
  await removeEntries(from, now, {});
}

async function walkIfThere(remote: Remote, path: string): Promise<readonly Walked[]> {
  try {
    return await walk(remote, path);
  } catch (error) {
    if (isRemoteError(error, 'NotFound')) return [];
    throw error;
  }
}

function hasChanged(now: readonly Walked[], copied: readonly Copied[]): boolean {
  const sources = new Map(now.map(({ path, attributes }) => [path, attributes]));
  return now.length !== copied.length || copied.some(({ source, attributes }) => !isSame(attributes, sources.get(source)));
}

function isSame({ kind, size, mtime }: Attributes, other: Attributes | undefined): boolean {
  if (other?.kind !== kind) return false;
  return kind !== 'file' || (other.size === size && other.mtime === mtime);
}

/** A link's size is its own server's affair. */
function sizeOf({ kind, size }: Attributes): number {
  return kind === 'file' ? size : 0;
}
