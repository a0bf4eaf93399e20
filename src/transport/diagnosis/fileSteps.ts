import { guessCharset } from '../../core/diagnosis/charsetGuess.ts';
import type { Finding } from '../../core/diagnosis/finding.ts';
import { isRemoteError, toRemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import { removeTemporary, temporaryBeside } from '../../core/operations/temporary.ts';
import { basename, child, normalize } from '../../core/path.ts';
import type { Remote } from '../../core/remote.ts';
import type { ToldTimes, Written } from './clockStep.ts';
import type { Course, Notes } from './course.ts';

/** The host's folder, or where the log-in starts if that is not there. */
export async function lookAtFolder(course: Course, remote: Remote): Promise<string> {
  const { host, signal } = course;
  const { home } = remote.facts;
  let folder = home;
  await course.step('folder', async (notes) => {
    notes.add(t('The log-in starts in {0}.', home));
    const { root } = host;
    if (root === undefined || root === home) return 'works';
    if (await isFolder(remote, root, signal)) {
      folder = root;
      notes.add(t('{0} is there.', root));
      return 'works';
    }
    notes.find({ kind: 'rootMissing', root, instead: await sameFolder(remote, root, signal) });
    return 'fails';
  });
  return folder;
}

async function isFolder(remote: Remote, path: string, signal: AbortSignal): Promise<boolean> {
  try {
    return (await remote.stat(path, { signal })).kind === 'directory';
  } catch (error) {
    if (signal.aborted || isRemoteError(error, 'Lost', 'Unreachable')) throw error;
    return false;
  }
}

/** In a chroot the ends of paths are the same: `/home/me/www` is `/www` there. A relative one begins where the log-in does. */
async function sameFolder(remote: Remote, root: string, signal: AbortSignal): Promise<string | undefined> {
  const names = root.split('/').filter((name) => name !== '');
  const ends = names.map((_, index) => `/${names.slice(index).join('/')}`).slice(1);
  const candidates = [...ends, normalize(`${remote.facts.home}/${root}`)];
  for (const path of candidates.slice(0, 12)) if (await isFolder(remote, path, signal)) return path;
  return undefined;
}

/** Where there are several ways to list. */
interface ListingPlace {
  /** The one that is used now. */
  readonly listingCommand: string;
  /** Whether another way shows more than these names of the folder, or is the only one that works. */
  judgeListing(folder: string, names: readonly string[]): Promise<Finding | undefined>;
}

/** How the folder lists, and whether its names are in the host's charset. */
export async function lookAtListing(course: Course, remote: Remote, folder: string, place: ListingPlace | undefined): Promise<void> {
  const { host, signal } = course;
  await course.step('listing', async (notes) => {
    const began = performance.now();
    const entries = await remote.list(folder, { signal });
    notes.add(t('{0}: {1} entries in {2} ms', folder, entries.length, Math.round(performance.now() - began)));
    const names = entries.map(({ name }) => name);
    const guess = guessCharset(names, host.charset);
    if (guess !== undefined) notes.find({ kind: 'charset', ...guess });
    const listing = await place?.judgeListing(folder, names);
    if (place !== undefined) notes.add(t('by {0}', place.listingCommand));
    if (listing !== undefined) notes.find(listing);
    return guess === undefined && listing === undefined ? 'works' : 'attention';
  });
}

const scratch = new TextEncoder().encode('Ferry wrote this to see whether it can. It is removed at once.\n');

/** What else the server tells of a file's time, beside what Ferry uses. */
type AskTimes = (path: string) => Promise<ToldTimes>;

/** Writes, renames and removes a file of a name that nobody has. Resolves to the times that the server gave it, and when that was. */
export async function tryWriting(
  course: Course,
  remote: Remote,
  folder: string,
  askTimes: AskTimes | undefined,
): Promise<Written | undefined> {
  const { signal } = course;
  let written: Written | undefined;
  await course.step('writing', async (notes) => {
    const paths = ['tmp', 'tmp'].map((kind) => temporaryBeside(child(folder, 'ferry'), kind as 'tmp')) as [string, string];
    if (!(await areFree(remote, paths, signal))) throw new Error(t('A name that was made up is taken.'));
    try {
      written = await writeAndRename(remote, paths, askTimes, notes, signal);
      return 'works';
    } catch (error) {
      if (signal.aborted || !isRemoteError(error, 'Denied', 'NoSpace', 'Unsupported', 'Unknown')) throw error;
      notes.add(error.message);
      notes.find({ kind: 'notWritable', folder, said: error.message });
      return 'fails';
    } finally {
      await cleanUp(remote, paths, notes);
    }
  });
  return written;
}

async function areFree(remote: Remote, paths: readonly string[], signal: AbortSignal): Promise<boolean> {
  const looks = await Promise.all(paths.map((path) => remote.lstat(path, { signal }).catch((error: unknown) => toRemoteError(error))));
  return looks.every((look) => isRemoteError(look, 'NotFound'));
}

async function writeAndRename(
  remote: Remote,
  [first, second]: readonly [string, string],
  askTimes: AskTimes | undefined,
  notes: Notes,
  signal: AbortSignal,
): Promise<Written> {
  const began = performance.now();
  await remote.write(first, scratch, { disposition: 'create', signal });
  const now = Date.now();
  const { size, mtime } = await remote.stat(first, { signal });
  notes.add(t('{0} written, {1} bytes confirmed', basename(first), size));
  const told = await askTimes?.(first);
  await remote.rename(first, second, { replace: false, signal });
  notes.add(t('renamed'));
  await remote.unlink(second, { signal });
  notes.add(t('deleted; {0} ms in all', Math.round(performance.now() - began)));
  return { mtime, told, now };
}

async function cleanUp(remote: Remote, paths: readonly string[], notes: Notes): Promise<void> {
  for (const path of paths) {
    await removeTemporary(remote, path, undefined);
    const look = await remote.lstat(path, { signal: AbortSignal.timeout(3000) }).catch((error: unknown) => toRemoteError(error));
    if (!isRemoteError(look, 'NotFound')) notes.find({ kind: 'scratchLeft', path });
  }
}
