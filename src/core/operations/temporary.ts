import { isRemoteError, RemoteError, toRemoteError } from '../errors.ts';
import { t } from '../l10n.ts';
import { basename, child, parent } from '../path.ts';
import type { Remote } from '../remote.ts';
import type { SaveJournal } from './save.ts';

/** How long cleaning up may hold up the answer, in ms. */
const cleanUpTime = 3000;

const namePattern = /^\.ferry-[0-9a-f]{16}\.(?:tmp|old)$/;

/** Whether a name is one that Ferry gives to files that are in the way of nobody for a moment only. */
export function isTemporaryName(name: string): boolean {
  return namePattern.test(name);
}

/** A name beside `path` that nobody has. `tmp`: new content on its way in; `old`: what it replaces, until it is in. */
export function temporaryBeside(path: string, kind: 'tmp' | 'old'): string {
  const random = globalThis.crypto.getRandomValues(new Uint8Array(8));
  const hex = Array.from(random, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return child(parent(path), `.ferry-${hex}.${kind}`);
}

export interface Temporary {
  readonly path: string;
  /** Removes it from the server, best effort and in bounded time; it stays in the journal where that fails. Never throws. */
  remove(): Promise<void>;
}

/** A name for a temporary beside `target`, in the journal, which is to be made now. */
async function noteTemporary(remote: Remote, target: string, journal: SaveJournal): Promise<Temporary> {
  const { temporary, noted } = nameTemporary(remote, target, journal);
  await noted;
  return temporary;
}

/** The same while the journal still notes it: nothing may be made before `noted` resolves. */
export function nameTemporary(
  remote: Remote,
  target: string,
  journal: SaveJournal,
): { readonly temporary: Temporary; readonly noted: Promise<void> } {
  const path = temporaryBeside(target, 'tmp');
  return { temporary: { path, remove: () => removeTemporary(remote, path, journal) }, noted: journal.addTemporary(path) };
}

/**
 * Writes `content` to a new file beside `target`, confirmed by the server. `mode` is never exceeded meanwhile. A name that is taken is
 * not touched: another is tried. Nothing is left after a failure as long as the connection lives.
 */
export async function writeTemporary(
  remote: Remote,
  target: string,
  content: Uint8Array,
  options: {
    readonly mode: number | undefined;
    readonly journal: SaveJournal;
    readonly signal: AbortSignal | undefined;
    readonly onProgress: ((bytes: number) => void) | undefined;
  },
): Promise<Temporary> {
  const { journal, mode, signal, onProgress } = options;
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    const temporary = await noteTemporary(remote, target, journal);
    const { path } = temporary;
    try {
      await remote.write(path, content, { disposition: 'create', mode: mode === undefined ? undefined : mode & 0o777, signal, onProgress });
      return temporary;
    } catch (error) {
      if (isRemoteError(error, 'Exists')) {
        await journal.removeTemporary(path);
        continue;
      }
      await temporary.remove();
      throw toRemoteError(error);
    }
  }
  throw new RemoteError('Busy', t('No free name for a temporary file was found beside this file.'), { path: target });
}

/**
 * Removes a temporary — a folder with all in it — and what the journal says of it. A missing one is as good as removed; what has not a
 * temporary's name is never touched, whatever the journal says. Never throws.
 */
export async function removeTemporary(
  remote: Remote,
  path: string,
  journal: SaveJournal | undefined,
  signal: AbortSignal = AbortSignal.timeout(cleanUpTime),
): Promise<void> {
  try {
    if (isTemporaryName(basename(path))) await removeFileOrTree(remote, path, signal);
  } catch (error) {
    if (!isRemoteError(error, 'NotFound')) return;
  }
  if (journal !== undefined) await forgetTemporary(path, journal);
}

async function removeFileOrTree(remote: Remote, path: string, signal: AbortSignal): Promise<void> {
  try {
    await remote.unlink(path, { signal });
  } catch (error) {
    if (!isRemoteError(error, 'IsADirectory')) throw error;
    const { removeTree } = await import('./tree.ts');
    await removeTree(remote, path, { signal });
  }
}

/** Takes a temporary that is gone out of the journal. Never throws. */
export async function forgetTemporary(path: string, journal: SaveJournal): Promise<void> {
  try {
    await journal.removeTemporary(path);
  } catch {
    // An entry too many only costs a look at the next connection.
  }
}
