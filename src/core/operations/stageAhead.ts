import { isRemoteError, toRemoteError } from '../errors.ts';
import type { Attributes, Draft, Filled, Remote } from '../remote.ts';
import { settleUnlessStalled } from '../stall.ts';
import { readBytes } from './readFile.ts';
import type { SaveOptions } from './save.ts';
import { lstatIfThere, needsInPlace } from './saveTarget.ts';
import { forgetTemporary, nameTemporary, type Temporary } from './temporary.ts';
import { hashOf, type Version } from './version.ts';

/** What was seen once the temporary was confirmed. */
export interface Looks {
  /** The temporary. */
  readonly fresh: Attributes;
  /** The file that it is for; undefined: there is none any more. */
  readonly now: Attributes | undefined;
}

/** A confirmed temporary for a file that is still what the content is based on. */
export interface Staged {
  readonly temporary: Temporary;
  /** The file as it was at first. */
  readonly before: Attributes;
  readonly looks: Looks | undefined;
}

/**
 * The first two flights of a save, on a server that answers what it is asked at once in its order: a temporary is made while the file is
 * looked at, and filled while the file is compared with the base. Where one thing at a time is done, comparing begins with the look and ends
 * before the filling, unless that can be done `elsewhere`. Undefined, with nothing left of it, where anything is not as it mostly
 * is: then the save goes step by step and finds out. Throws what kept the server from taking the content.
 */
export async function stageAhead(remote: Remote, path: string, content: Uint8Array, options: SaveOptions): Promise<Staged | undefined> {
  const { base, create, overwrite, saveMode, profile, journal } = options;
  const fits = remote.facts.atomicReplace && profile.renameRefusesExisting !== true && saveMode !== 'inPlace' && (overwrite || !create);
  if (remote.draft === undefined || base === undefined || !fits) return undefined;
  const checked = options.ignoreConflict === true ? undefined : base;
  const unwanted = new AbortController();
  const compare = () =>
    checked?.hash === undefined ? Promise.resolve(true) : compareContent(remote, path, checked, options, unwanted.signal);
  // Where one thing at a time is done, data comes last; else it needs not wait for this computer's disk.
  const early = isEmptyAtFirst(remote) ? compare() : undefined;
  const { temporary, noted } = nameTemporary(remote, path, journal);
  const beginning = begin(remote, path, temporary, noted, options);
  const comparing = early ?? compare();
  const begun = await beginning.catch((error: unknown) => {
    unwanted.abort();
    throw error;
  });
  const isUsual = begun !== undefined && isExpected(begun, checked, options);
  // There, what is under way ends sooner by itself.
  if (!isUsual && early !== undefined) unwanted.abort();
  const filling = isUsual ? fill(begun, path, content, options) : undefined;
  const [isUnchanged, filled] = await Promise.allSettled([comparing, filling]);
  const good = isUsual && isUnchanged.status === 'fulfilled' && isUnchanged.value;
  if (good && filled.status === 'fulfilled' && filled.value !== undefined && isFitting(filled.value, begun)) {
    const { own: fresh, watched: now } = filled.value;
    // Where the file is gone, its folder may be, and the temporary with it: that takes another look.
    return { temporary, before: begun.before, looks: now && { fresh, now } };
  }
  if (!isUsual) begun?.draft.abandon();
  if (begun !== undefined) await (isUsual || isEmptyAtFirst(remote) ? temporary.remove() : forgetTemporary(temporary.path, journal));
  if (!good || filled.status === 'fulfilled' || isRemoteError(filled.reason, 'Denied', 'Unsupported', 'BadPath')) return undefined;
  throw toRemoteError(filled.reason);
}

interface Begun {
  readonly before: Attributes;
  readonly draft: Draft;
  /** The temporary, still empty; undefined where there is none yet. */
  readonly own: Attributes | undefined;
}

/** Whether a draft is a file before it is filled. */
function isEmptyAtFirst({ facts }: Remote): boolean {
  return facts.parallel > 1;
}

/** One flight. Undefined, with nothing left of it, where the save has to go step by step. Rejects where the journal fails. */
async function begin(
  remote: Remote,
  path: string,
  temporary: Temporary,
  noted: Promise<void>,
  { signal, journal }: SaveOptions,
): Promise<Begun | undefined> {
  // What is not made yet is looked for while this computer's disk writes.
  if (isEmptyAtFirst(remote)) await noted;
  const [before, draft, own, noting] = await Promise.allSettled([
    lstatIfThere(remote, path, { signal }),
    remote.draft?.(temporary.path, { signal }),
    isEmptyAtFirst(remote) ? lstatIfThere(remote, temporary.path, { signal }) : undefined,
    noted,
  ]);
  if (noting.status === 'rejected') {
    if (draft.status === 'fulfilled') draft.value?.abandon();
    throw toRemoteError(noting.reason);
  }
  if (draft.status === 'fulfilled' && draft.value !== undefined) {
    const isSeen = own.status === 'fulfilled' && (own.value !== undefined || !isEmptyAtFirst(remote));
    if (before.status === 'fulfilled' && before.value !== undefined && isSeen)
      return { before: before.value, draft: draft.value, own: own.value };
    draft.value.abandon();
  }
  // What has the name already is not ours.
  const isTaken = draft.status === 'rejected' && isRemoteError(draft.reason, 'Exists');
  await (isTaken || !isEmptyAtFirst(remote) ? forgetTemporary(temporary.path, journal) : temporary.remove());
  return undefined;
}

/** Whether the file is one that a temporary of this login's can replace, and may still be what the content is based on. */
function isExpected({ before, own }: Begun, base: Version | undefined, { saveMode }: SaveOptions): boolean {
  if (before.kind !== 'file' || (own !== undefined && (before.mode === undefined || own.owner !== before.owner))) return false;
  if (needsInPlace({ resolved: true }, before, saveMode)) return false;
  if (base === undefined) return true;
  const sameTime = before.mtime === undefined || base.mtime === undefined || before.mtime === base.mtime;
  return before.size === base.size && (base.hash !== undefined || sameTime);
}

function fill(begun: Begun, path: string, content: Uint8Array, { signal, onProgress }: SaveOptions): Promise<Filled> {
  return begun.draft.fill(content, { mode: givenMode(begun), watched: path, signal, onProgress });
}

/** None yet where another group than the file's would be let in. */
function givenMode({ before, own }: Begun): number | undefined {
  return own === undefined || own.group === before.group ? before.mode : undefined;
}

/** Where it was not to be seen at first, what it can't be given is found out at the end. */
function isFitting({ own }: Filled, begun: Begun): boolean {
  if (begun.own === undefined) return true;
  const given = givenMode(begun);
  return given === undefined || own.mode === undefined || (own.mode & 0o777) === (given & 0o777);
}

/** Another connection that gives nothing for so long, in ms, may hang: the save must have time left to do without it. */
const quiet = 5000;

/** As `isBase`, over a connection of its own where there is one. */
async function compareContent(remote: Remote, path: string, base: Version, options: SaveOptions, unwanted: AbortSignal): Promise<boolean> {
  const { elsewhere } = options;
  const compare = (one: Remote, signal: AbortSignal, alive?: () => void) => isBase(one, path, base, options, signal, alive);
  if (elsewhere === undefined) return compare(remote, unwanted);
  const compareOver = (other: Remote): Promise<boolean> =>
    settleUnlessStalled(
      quiet,
      () => false,
      unwanted,
      async (signal, alive) => {
        const outcome = await compare(other, signal, alive);
        // As lost: nobody else is to be given it.
        signal.throwIfAborted();
        return outcome;
      },
    );
  try {
    return await elsewhere((other) => (other === undefined ? compare(remote, unwanted) : compareOver(other)));
  } catch {
    return false;
  }
}

/** Whether the file at `path` holds what the base did; false also where it can't be read. Never rejects. */
async function isBase(
  remote: Remote,
  path: string,
  base: Version,
  { signal, onSeen }: SaveOptions,
  unwanted: AbortSignal,
  onProgress?: () => void,
): Promise<boolean> {
  try {
    const either = signal === undefined ? unwanted : AbortSignal.any([signal, unwanted]);
    // One byte more shows a file that has grown, without reading all of it.
    const theirs = await readBytes(remote, path, { signal: either, length: base.size + 1, onProgress });
    if (theirs.length !== base.size || (await hashOf(theirs)) !== base.hash) return false;
    onSeen?.(theirs);
    return true;
  } catch {
    return false;
  }
}
