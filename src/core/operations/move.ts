import { isRemoteError, RemoteError } from '../errors.ts';
import { t } from '../l10n.ts';
import { contains } from '../path.ts';
import type { Remote } from '../remote.ts';
import { type Discard, moveOver, UnsettledMove } from './moveOver.ts';
import { lstatIfThere } from './saveTarget.ts';
import { temporaryBeside } from './temporary.ts';
import { copyTree, moveBetween, removeTree } from './tree.ts';

export interface MoveOptions {
  /** What is at the target may be replaced: only once the new is there in full. Else it is `Exists`. */
  readonly overwrite: boolean;
  readonly signal?: AbortSignal | undefined;
  /** What happens to what is replaced; default: removed. */
  readonly discard?: Discard | undefined;
  /** Entries done, and the path of the last one. */
  readonly onProgress?: ((count: number, current: string) => void) | undefined;
}

/** Moves a file, folder or link on one server; where the server can't rename so far (another file system), by a verified copy. */
export async function moveWithin(remote: Remote, from: string, to: string, options: MoveOptions): Promise<void> {
  assertNotInside(from, to);
  if (from === to) return;
  const { overwrite, signal, discard } = options;
  try {
    await remote.rename(from, to, { replace: overwrite && discard === undefined && remote.facts.atomicReplace, signal });
  } catch (error) {
    if (overwrite && isRemoteError(error, 'Exists', 'IsADirectory', 'NotADirectory', 'NotEmpty'))
      await moveOver(remote, from, to, () => moveWithin(remote, from, to, { ...options, overwrite: false, signal: undefined }), discard);
    else if (isRemoteError(error, 'Unknown', 'Unsupported')) await moveBetween(remote, remote, from, to, options);
    else throw error;
  }
}

/** Copies a file, folder or link on one server, on the server itself where it can. */
export async function copyWithin(remote: Remote, from: string, to: string, options: MoveOptions): Promise<void> {
  assertNotInside(from, to);
  if (from === to) throw new RemoteError('Exists', t('A file can not be copied onto itself.'), { path: to });
  await copyBetween(remote, remote, from, to, options);
}

/** Copies between servers (or on one), verified. */
export async function copyBetween(source: Remote, target: Remote, from: string, to: string, options: MoveOptions): Promise<void> {
  if (!(await isTaken(target, to, options))) {
    await copyTree(source, target, from, to, options);
    return;
  }
  const stage = temporaryBeside(to, 'tmp');
  await copyTree(source, target, from, stage, options);
  try {
    await placeOver(target, stage, to, options);
  } catch (error) {
    // Of an unsettled one it is still needed.
    if (!(error instanceof UnsettledMove)) await removeTree(target, stage).catch(() => undefined);
    throw error;
  }
}

/** Moves between servers: copied, verified, and only then removed from the source. */
export async function moveAcross(source: Remote, target: Remote, from: string, to: string, options: MoveOptions): Promise<void> {
  if (!(await isTaken(target, to, options))) return moveBetween(source, target, from, to, options);
  const stage = temporaryBeside(to, 'tmp');
  await moveBetween(source, target, from, stage, { ...options, place: () => placeOver(target, stage, to, options) });
}

/** Whether something is at the target that is to be replaced: then the new is made under another name first. */
async function isTaken(target: Remote, to: string, { overwrite, signal }: MoveOptions): Promise<boolean> {
  if ((await lstatIfThere(target, to, { signal })) === undefined) return false;
  if (overwrite) return true;
  throw new RemoteError('Exists', t('There is already a file or folder with this name.'), { path: to });
}

function placeOver(target: Remote, stage: string, to: string, { signal, discard }: MoveOptions): Promise<void> {
  return moveWithin(target, stage, to, { overwrite: true, signal, discard });
}

function assertNotInside(from: string, to: string): void {
  if (from !== to && contains(from, to))
    throw new RemoteError('BadPath', t('A folder can not be moved or copied into itself.'), { path: to });
}
