import { isRemoteError, RemoteError, toRemoteError } from '../errors.ts';
import { t } from '../l10n.ts';
import { parent } from '../path.ts';
import type { Call, Remote } from '../remote.ts';
import { forEachBounded } from './bounded.ts';
import { giveMode } from './carryOver.ts';
import { removeEntry } from './changes.ts';
import type { Further } from './spread.ts';
import { orUnsettled } from './unsettled.ts';
import { walk, type Walked } from './walk.ts';

export interface TreeOptions {
  readonly signal?: AbortSignal | undefined;
  /** Entries done, and the path of the last one. */
  readonly onProgress?: ((count: number, current: string) => void) | undefined;
}

export interface RemoveOptions extends TreeOptions {
  readonly further?: Further<Remote> | undefined;
  /** Folders are listed as they are for a person: where a brief list did not do. Default false. */
  readonly listsInFull?: boolean | undefined;
}

/**
 * Removes what is at `path`, a link as such; `NotEmpty` for a folder with entries unless `recursive`, `NotFound` if there is nothing.
 * Throws `UnsettledError` when the link is lost: a new connection goes on where this one stopped.
 */
export async function removeAny(remote: Remote, path: string, options: RemoveOptions & { readonly recursive: boolean }): Promise<void> {
  const { kind } = await orUnsettled(remote.lstat(path, { signal: options.signal }), (next) => removeAny(next, path, options));
  if (kind !== 'directory' || !options.recursive) await removeEntry(remote, path, kind);
  else await orUnsettled(removeTree(remote, path, options), (next) => removeRest(next, path, options));
}

/** Some of it was removed before, maybe all. */
async function removeRest(remote: Remote, path: string, options: RemoveOptions): Promise<void> {
  try {
    await removeTree(remote, path, { ...options, listsInFull: true });
  } catch (error) {
    if (!isRemoteError(error, 'NotFound')) throw error;
  }
}

/**
 * Removes what is at `path`, folders with all that they hold; links themselves, never what they lead to. What somebody else removed
 * meanwhile is fine, what somebody added is removed too. What can't be removed does not keep the rest: the error names the first such
 * entry and says how many are left. `NotFound` if there is nothing at `path`.
 */
export async function removeTree(remote: Remote, path: string, options: RemoveOptions = {}): Promise<void> {
  const { signal, further, listsInFull = false } = options;
  let entries = await walk(remote, path, { signal, further, briefly: !listsInFull });
  const progress = counter(options);
  for (let attempt = 1; ; attempt += 1) {
    try {
      await removeEntries(remote, entries, options, progress);
      return;
    } catch (error) {
      if (!isRemoteError(error, 'NotEmpty') || attempt === 3) throw error;
    }
    entries = await walk(remote, path, { signal, further });
  }
}

type Removable = Pick<Walked, 'path' | 'depth' | 'attributes'>;

/** Removes just these, folders after what they hold; a missing one is fine, a folder that holds something else is `NotEmpty`. */
export async function removeEntries(
  remote: Remote,
  entries: readonly Removable[],
  { signal }: TreeOptions,
  progress: (path: string) => void = () => {},
): Promise<void> {
  const failures: RemoteError[] = [];
  /** Folders that hold something that could not be removed. */
  const blocked = new Set<string>();
  let removed = 0;
  const remove = async ({ path, attributes }: Removable) => {
    if (blocked.has(path)) return;
    try {
      await (attributes.kind === 'directory' ? remote.rmdir(path, { signal }) : remote.unlink(path, { signal }));
    } catch (error) {
      const reason = toRemoteError(error).with({ path });
      if (reason.dropsConnection || reason.code === 'Cancelled') throw reason;
      if (reason.code !== 'NotFound') {
        failures.push(reason);
        for (let folder = parent(path); folder !== '/' && !blocked.has(folder); folder = parent(folder)) blocked.add(folder);
        return;
      }
    }
    removed += 1;
    progress(path);
  };
  // These hold nothing open.
  const parallel = remote.facts.changesAtOnce ?? (remote.facts.parallel === 1 ? 1 : remote.facts.parallel * 2);
  const folders = entries.filter(({ attributes }) => attributes.kind === 'directory');
  const others = entries.filter(({ attributes }) => attributes.kind !== 'directory');
  await forEachBounded(others, parallel, remove);
  const levels = Map.groupBy(folders, ({ depth }) => depth);
  for (const depth of [...levels.keys()].toSorted((one, other) => other - one))
    await forEachBounded(levels.get(depth) ?? [], parallel, remove);
  const first = failures.find(({ code }) => code !== 'NotEmpty') ?? failures[0];
  if (first !== undefined) throw entries.length === 1 ? first : incomplete(first, entries.length - removed, entries.length);
}

function incomplete(first: RemoteError, left: number, total: number): RemoteError {
  return new RemoteError(first.code, t('{0} of {1} entries could not be deleted. The first: {2}', left, total, first.message), {
    path: first.path,
    host: first.host,
    hint: first.hint,
    retryable: false,
    cause: first,
  });
}

interface MakeCall extends Call {
  /** Permission bits, 0 to 0o7777, of the folders that are made, where the server lets this login set them; default: the server's. */
  readonly mode?: number | undefined;
}

/** Makes the folder and those above it that are missing. `NotADirectory` where something else is in the way. */
export async function makeFolders(remote: Remote, path: string, call: MakeCall = {}): Promise<void> {
  try {
    await makeOne(remote, path, call);
  } catch (error) {
    if (isRemoteError(error, 'Exists') || path === '/') return assertFolder(remote, path, call);
    if (!isRemoteError(error, 'NotFound')) throw error;
    await makeFolders(remote, parent(path), call);
    await mkdirOnce(remote, path, call);
  }
}

/** Somebody may be faster. */
async function mkdirOnce(remote: Remote, path: string, call: MakeCall): Promise<void> {
  try {
    await makeOne(remote, path, call);
  } catch (error) {
    if (!isRemoteError(error, 'Exists')) throw error;
    await assertFolder(remote, path, call);
  }
}

async function makeOne(remote: Remote, path: string, { mode, ...call }: MakeCall): Promise<void> {
  await remote.mkdir(path, call);
  await giveMode(remote, path, undefined, mode, call);
}

async function assertFolder(remote: Remote, path: string, call: Call): Promise<void> {
  const { kind } = await remote.stat(path, call);
  if (kind !== 'directory') throw new RemoteError('NotADirectory', t('There is a file with this name.'), { path });
}

export function counter({ onProgress }: TreeOptions): (path: string) => void {
  let count = 0;
  return (path) => {
    count += 1;
    onProgress?.(count, path);
  };
}
