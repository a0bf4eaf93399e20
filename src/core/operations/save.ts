import { isSameContent } from '../bytes.ts';
import { isRemoteError, RemoteError, toRemoteError } from '../errors.ts';
import type { HostProfile, SaveMode } from '../host.ts';
import { t } from '../l10n.ts';
import type { Attributes, Remote } from '../remote.ts';
import { settleAll } from './bounded.ts';
import { carryOver, giveMode } from './carryOver.ts';
import { assertUntouched, changed, compareWithBase } from './conflict.ts';
import type { Reader } from './copyFile.ts';
import { readBytes } from './readFile.ts';
import { type Replacement, replaceFile } from './replaceFile.ts';
import { saveInPlace } from './saveInPlace.ts';
import { findSaveTarget, lstatIfThere, needsInPlace, type SaveTarget } from './saveTarget.ts';
import { type Looks, stageAhead } from './stageAhead.ts';
import { forgetTemporary, type Temporary, writeTemporary } from './temporary.ts';
import { UnsettledError } from './unsettled.ts';
import { hashLimit, type Version, versionOf } from './version.ts';

/** What outlives a crash of the editor while a file is saved. One for each host. A failure of the journal fails the save before the server's file is touched. */
export interface SaveJournal {
  /** `path` is about to be made on the server and is of no value: after a crash it may be removed. */
  addTemporary(path: string): Promise<void>;
  /** It is gone, or is no temporary any more; an aside too. */
  removeTemporary(path: string): Promise<void>;
  /** What is at `to` is about to step aside for something new, and is of value until that is in its place. */
  addAside(swap: Swap): Promise<void>;
  /** Whoever noted this path of a temporary or an aside gave up: the next connection does what it would do after a crash. */
  abandon(path: string): void;
  /** Keeps both contents on this computer until `done`. `location` is said to the person when the worst happens. */
  keep(entry: KeptContent): Promise<{ readonly location: string; done(): Promise<void> }>;
}

/** What was at `to`, and is at `aside` until the new is there in its stead. */
export interface Swap {
  readonly to: string;
  readonly aside: string;
  /** Where the new is on the same host; undefined where that is not known: somebody is about to bring it. */
  readonly from: string | undefined;
}

export interface KeptContent {
  /** The file on the server that is about to be changed. */
  readonly path: string;
  /** What it holds before; undefined where that stays on the server, under the name `aside`. */
  readonly old: Uint8Array | undefined;
  readonly aside: string | undefined;
  readonly new: Uint8Array;
}

export interface SaveOptions {
  /** As in VS Code's `writeFile`: a missing file is made (else `NotFound`). */
  readonly create: boolean;
  /** With `create`, an existing file may be replaced (else `Exists`). */
  readonly overwrite: boolean;
  /** What the content is based on; undefined: nothing is known, no conflict is looked for. */
  readonly base?: Version | undefined;
  /** The person chose to overwrite what is there. */
  readonly ignoreConflict?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((bytes: number) => void) | undefined;
  /** Where the file can be read while this connection sends, as long as it is free. */
  readonly elsewhere?: Reader | undefined;
  /** Is told what the file held, or a version in conflict, wherever that was read anyway. */
  readonly onSeen?: ((bytes: Uint8Array) => void) | undefined;
  readonly journal: SaveJournal;
  readonly saveMode: SaveMode;
  /** Permission bits, 0 to 0o7777, that a file gets which was not there before, where the server lets this login set them; default: the server's. */
  readonly newMode?: number | undefined;
  readonly profile: HostProfile;
  learn(facts: HostProfile): void;
}

/**
 * Saves `content` as the file that `path` leads to, so that at every moment the server holds the old or the new content in full: new content
 * goes to a hidden temporary beside the file, is confirmed, takes over mode and group, and is renamed over it. Written over in place,
 * guarded by a local copy, where replacing would change owner, group or hard links or the folder takes no new file (`SaveMode`).
 * Throws `ConflictError` with nothing written to the file where it is not what `base` says, `UnsettledError` where only a new connection
 * can tell the outcome; `NotFound`, `Exists`, `IsADirectory` as VS Code's `writeFile` has them.
 */
export async function save(remote: Remote, path: string, content: Uint8Array, options: SaveOptions): Promise<Version> {
  const staged = await stageAhead(remote, path, content, options);
  if (staged !== undefined) return finishReplacing({ remote, content, options, target: path, before: staged.before }, staged);
  const target = await findSaveTarget(remote, path, { signal: options.signal });
  assertSavable(target, path, options);
  const job: Job = { remote, content, options, target: target.path, before: target.attributes };
  const saved = await compareEarly(job);
  if (saved !== undefined) return saved;
  if (target.attributes !== undefined && needsInPlace(target, target.attributes, options.saveMode)) return overwrite(job);
  return replace(job);
}

interface Job {
  readonly remote: Remote;
  readonly content: Uint8Array;
  readonly options: SaveOptions;
  /** Links resolved. */
  readonly target: string;
  readonly before: Attributes | undefined;
}

function assertSavable({ attributes }: SaveTarget, path: string, { create, overwrite }: SaveOptions): void {
  if (attributes === undefined) {
    if (!create) throw new RemoteError('NotFound', t('There is no such file on the server.'), { path });
    return;
  }
  if (attributes.kind === 'directory') throw new RemoteError('IsADirectory', t('There is a folder with this name.'), { path });
  if (create && !overwrite) throw new RemoteError('Exists', t('There is already a file with this name.'), { path });
  if (attributes.kind !== 'file')
    throw new RemoteError('Unsupported', t('This is a device or a pipe, not a file: it is not written to.'), { path });
}

/** Whether there is a base that the file must still be equal to. */
function checked({ options }: Job): Version | undefined {
  return options.ignoreConflict === true ? undefined : options.base;
}

/** What needs no content to be told: before anything is sent. Resolves to the version where nothing is left to do. */
async function compareEarly(job: Job): Promise<Version | undefined> {
  const base = checked(job);
  if (base === undefined || (job.before !== undefined && job.before.size === base.size && base.hash !== undefined)) return undefined;
  return compare(job, base);
}

async function compare({ remote, target, before, content, options }: Job, base: Version): Promise<Version | undefined> {
  const { signal, onSeen } = options;
  const comparison = await compareWithBase(remote, target, before, base, content, { signal, onSeen });
  return comparison === 'alreadySaved' && before !== undefined ? versionOf(before, content) : undefined;
}

async function overwrite(job: Job): Promise<Version> {
  const { remote, target, before, content, options } = job;
  const base = checked(job);
  const saved = base === undefined ? undefined : await compare(job, base);
  if (saved !== undefined) return saved;
  const { journal, signal, onProgress, onSeen } = options;
  return saveInPlace(remote, { target, content, before: base === undefined ? undefined : before, journal, signal, onProgress, onSeen });
}

async function replace(job: Job): Promise<Version> {
  const uploaded = await uploadAndCompare(job);
  if (uploaded === undefined) return overwrite(job);
  if (uploaded.saved === undefined) return finishReplacing(job, uploaded);
  await uploaded.temporary.remove();
  return uploaded.saved;
}

/** From a temporary that holds the content, whole and confirmed. */
async function finishReplacing(
  job: Job,
  { temporary, looks }: Pick<Upload, 'temporary'> & { readonly looks?: Looks | undefined },
): Promise<Version> {
  let version: Version | undefined;
  try {
    version = await commit(job, temporary.path, looks);
  } catch (error) {
    // An unsettled one is still needed.
    if (!(error instanceof UnsettledError)) await temporary.remove();
    throw error;
  }
  if (version === undefined) {
    await temporary.remove();
    return overwrite(job);
  }
  // It never throws, and the file is saved: the answer needs not wait for this computer's disk.
  void forgetTemporary(temporary.path, job.options.journal);
  return version;
}

interface Upload {
  readonly temporary: Temporary;
  /** Set where the file holds the content already. */
  readonly saved: Version | undefined;
}

/** Both in one flight. Undefined where the folder takes no new file and the file has to be written in place. */
async function uploadAndCompare(job: Job): Promise<Upload | undefined> {
  const { remote, target, before, content, options } = job;
  const { journal, signal, onProgress, saveMode } = options;
  const mode = before === undefined ? options.newMode : before.mode;
  const base = checked(job);
  const [comparison, upload] = await Promise.allSettled([
    base?.hash === undefined ? undefined : compare(job, base),
    writeTemporary(remote, target, content, { mode, journal, signal, onProgress }),
  ]);
  if (comparison.status === 'fulfilled' && upload.status === 'fulfilled') return { temporary: upload.value, saved: comparison.value };
  if (upload.status === 'fulfilled') await upload.value.remove();
  if (comparison.status === 'rejected') throw toRemoteError(comparison.reason);
  const reason = upload.status === 'rejected' ? toRemoteError(upload.reason) : undefined;
  if (before !== undefined && saveMode === 'auto' && isRemoteError(reason, 'Denied', 'Unsupported', 'BadPath')) return undefined;
  throw toRemoteError(reason);
}

/** Undefined, with nothing changed, where the temporary can't become what the file is and has to be written in place. */
async function commit(job: Job, temporary: string, looks: Looks | undefined): Promise<Version | undefined> {
  const { remote, target, before, content, options } = job;
  const { journal, profile, signal } = options;
  const looked = checked(job) !== undefined && before !== undefined;
  const { fresh, now } = looks ?? (await look(job, temporary, looked));
  if (fresh.size !== content.length) throw new RemoteError('Lost', t('The server did not keep what was written.'), { path: target });
  if (looked) await assertUntouched(target, before, now);
  if (before === undefined) await giveMode(remote, temporary, fresh, options.newMode, { signal });
  const same = before === undefined || (await carryOver(remote, temporary, fresh, before, { signal }));
  if (!same && options.saveMode === 'auto') return undefined;
  // Its hash is made while the server renames.
  const version = versionOf(fresh, content);
  let early: Promise<Attributes | undefined> | undefined;
  await bringIn(job, {
    ...{ temporary, target, before, content, profile, journal, signal },
    areFiles: (looks !== undefined || looked) && fresh.kind === 'file' && now?.kind === 'file',
    onRename() {
      early = lookAtOnce(job);
    },
    learn(facts) {
      early = undefined;
      options.learn(facts);
    },
  });
  return confirm(job, fresh, version, early);
}

async function look({ remote, target, before, options: { signal } }: Job, temporary: string, looked: boolean): Promise<Looks> {
  const [fresh, now] = await settleAll([
    remote.lstat(temporary, { signal }),
    looked ? lstatIfThere(remote, target, { signal }) : Promise.resolve(before),
  ]);
  return { fresh, now };
}

/** In the flight of the rename, where it is answered after that. */
function lookAtOnce({ remote, target }: Job): Promise<Attributes | undefined> | undefined {
  return remote.facts.parallel === 1 ? remote.lstat(target).catch(() => undefined) : undefined;
}

/** A file that came into being meanwhile is a conflict, unless VS Code asked for a new one only. */
async function bringIn(job: Job, replacement: Replacement): Promise<void> {
  try {
    await replaceFile(job.remote, replacement);
  } catch (error) {
    const { create, overwrite } = job.options;
    if (job.before !== undefined || !isRemoteError(error, 'Exists') || (create && !overwrite)) throw error;
    throw changed(job.target, await versionOf(await job.remote.lstat(job.target)));
  }
}

/**
 * Looks whether the file is what was brought in: somebody else may have looked and saved at the same moments, and replaced it. They have
 * not seen ours, so that it is this save which has to say it. `fresh` and `version`: the new content as a temporary; `early`: a look that was asked for.
 */
async function confirm(
  job: Job,
  fresh: Attributes,
  version: Promise<Version>,
  early: Promise<Attributes | undefined> | undefined,
): Promise<Version> {
  const { target, content, options } = job;
  const { attributes, bytes } = await lookAfter(job, fresh, version, await early);
  const sameSize = attributes === undefined || attributes.size === content.length;
  if (sameSize && (bytes === undefined || isSameContent(bytes, content))) return { ...(await version), mtime: (attributes ?? fresh).mtime };
  const theirs = bytes?.length === attributes?.size ? bytes : undefined;
  if (theirs !== undefined) options.onSeen?.(theirs);
  throw changed(target, await versionOf(attributes ?? fresh, theirs));
}

/** So many bytes are looked at where that costs no round trip. */
const glance = 64 * 1024;

/** At the content too where it is small or the attributes leave it open. The file is saved: what this look meets with must not say otherwise. */
async function lookAfter(
  job: Job,
  fresh: Attributes,
  version: Promise<Version>,
  looked: Attributes | undefined,
): Promise<{ attributes?: Attributes; bytes?: Uint8Array }> {
  const { remote, target, content } = job;
  const atOnce = remote.facts.parallel > 1 && content.length <= glance;
  const early = atOnce ? seeContent(job, version) : Promise.resolve(undefined);
  try {
    const [attributes, seen] = await settleAll([looked ? Promise.resolve(looked) : remote.lstat(target), early]);
    const isOpen = attributes.size === content.length && attributes.mtime !== fresh.mtime && content.length <= hashLimit;
    const bytes = seen ?? (isOpen ? await readBytes(remote, target) : undefined);
    return { attributes, ...(bytes && { bytes }) };
  } catch {
    return {};
  }
}

/** What is there now: not read where the server says sooner that it is still ours. */
async function seeContent({ remote, target, content }: Job, version: Promise<Version>): Promise<Uint8Array> {
  const told = await remote.sha256?.(target);
  if (told !== undefined && told === (await version).hash) return content;
  return readBytes(remote, target, { length: content.length + 1 });
}
