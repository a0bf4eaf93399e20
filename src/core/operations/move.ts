import { isRemoteError, RemoteError } from '../errors.ts';
import { t } from '../l10n.ts';
import { contains } from '../path.ts';
import type { Remote } from '../remote.ts';
import { lstatIfThere } from './saveTarget.ts';
import { temporaryBeside } from './temporary.ts';
import { copyTree, moveBetween, removeTree } from './tree.ts';

export interface MoveOptions {
  /** What is at the target may be replaced: only once the new is there in full. Else it is `Exists`. */
  readonly overwrite: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Entries done, and the path of the last one. */
  readonly onProgress?: ((count: number, current: string) => void) | undefined;
}

/** Moves a file, folder or link on one server; where the server can't rename so far (another file system), by a verified copy. */
export async function moveWithin(remote: Remote, from: string, to: string, options: MoveOptions): Promise<void> {
  assertNotInside(from, to);
  if (from === to) return;
  const { overwrite, signal } = options;
  try {
    await remote.rename(from, to, { replace: overwrite && remote.facts.atomicReplace, signal });
  } catch (error) {
    if (overwrite && isRemoteError(error, 'Exists', 'IsADirectory', 'NotADirectory', 'NotEmpty')) await moveOver(remote, from, to, options);
    else if (isRemoteError(error, 'Unknown', 'Unsupported')) await moveBetween(remote, remote, from, to, options);
    else throw error;
  }
}

/** The old target steps aside and is removed only when the new one is in place; it comes back if that fails. */
async function moveOver(remote: Remote, from: string, to: string, options: MoveOptions): Promise<void> {
  const { signal } = options;
  await remote.lstat(from, { signal });
  const aside = temporaryBeside(to, 'old');
  await remote.rename(to, aside, { replace: false, signal });
  try {
    await moveWithin(remote, from, to, { ...options, overwrite: false });
  } catch (error) {
    await remote.rename(aside, to, { replace: false });
    throw error;
  }
  await removeTree(remote, aside);
}

/** Copies a file, folder or link on one server, on the server itself where it can. */
export async function copyWithin(remote: Remote, from: string, to: string, options: MoveOptions): Promise<void> {
  assertNotInside(from, to);
  if (from === to) throw new RemoteError('Exists', t('A file can not be copied onto itself.'), { path: to });
  await copyBetween(remote, remote, from, to, options);
}

/** Copies between servers (or on one), verified. */
export async function copyBetween(source: Remote, target: Remote, from: string, to: string, options: MoveOptions): Promise<void> {
  await intoPlace(target, to, options, (path) => copyTree(source, target, from, path, options));
}

/** Moves between servers: copied, verified, and only then removed from the source. */
export async function moveAcross(source: Remote, target: Remote, from: string, to: string, options: MoveOptions): Promise<void> {
  if ((await lstatIfThere(target, to, { signal: options.signal })) === undefined) await moveBetween(source, target, from, to, options);
  else {
    await copyBetween(source, target, from, to, options);
    await removeTree(source, from, options);
  }
}

/** Makes the new content under another name first where something is at `to`. */
async function intoPlace(target: Remote, to: string, options: MoveOptions, make: (path: string) => Promise<unknown>): Promise<void> {
  const existing = await lstatIfThere(target, to, { signal: options.signal });
  if (existing === undefined) {
    await make(to);
    return;
  }
  if (!options.overwrite) throw new RemoteError('Exists', t('There is already a file or folder with this name.'), { path: to });
  const stage = temporaryBeside(to, 'tmp');
  await make(stage);
  try {
    await moveWithin(target, stage, to, { overwrite: true, signal: options.signal });
  } catch (error) {
    await removeTree(target, stage).catch(() => undefined);
    throw error;
  }
}

function assertNotInside(from: string, to: string): void {
  if (from !== to && contains(from, to))
    throw new RemoteError('BadPath', t('A folder can not be moved or copied into itself.'), { path: to });
}
