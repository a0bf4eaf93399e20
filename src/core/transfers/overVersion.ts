import { isRemoteError, RemoteError, toRemoteError } from '../errors.ts';
import type { SaveMode } from '../host.ts';
import { t } from '../l10n.ts';
import { settleAll } from '../operations/bounded.ts';
import { carryOver, giveMode } from '../operations/carryOver.ts';
import { assertUntouched, changed, compareWithBase } from '../operations/conflict.ts';
import { moveWithin } from '../operations/move.ts';
import { lease, type Place } from '../operations/moveThroughPool.ts';
import type { SaveJournal } from '../operations/save.ts';
import { ConflictError } from '../operations/saveErrors.ts';
import { findSaveTarget, lstatIfThere, needsInPlace } from '../operations/saveTarget.ts';
import { runChange } from '../operations/unsettled.ts';
import { type Version, versionOf } from '../operations/version.ts';
import type { Pool } from '../pool.ts';
import type { Attributes, Remote } from '../remote.ts';
import type { Bandwidth } from './bandwidth.ts';
import { hostKey } from './item.ts';
import { type FillCall, fillPartial, partialPath, removeIfThere } from './partialFile.ts';

export interface OverVersionParts {
  /** This computer is one of its hosts. */
  readonly pool: Pool;
  readonly bandwidth: Bandwidth;
  /** Of the target's host; undefined for this computer. */
  readonly journal: SaveJournal | undefined;
}

/** A file that is streamed from one place to another, over the version that is expected there. */
export interface OverVersion {
  readonly from: Place;
  /** Of the source, as just seen. */
  readonly source: Pick<Attributes, 'size' | 'mtime'>;
  readonly to: Place;
  /** What a failure leaves of it is wanted by another attempt, or is dropped by the caller. */
  readonly isResumed: boolean;
}

/**
 * Uploads a file of any size over exactly the version `base`; `missing`: a new one. Content goes to a hidden file beside it, is confirmed, and
 * takes its place in one step. Throws `ConflictError`, with the server's file as it was, where that is another one. Resolves to undefined, with
 * nothing changed, where the file has to be written in place.
 */
export async function sendOver(
  parts: OverVersionParts,
  transfer: OverVersion & { readonly saveMode: SaveMode; readonly newMode: number | undefined },
  base: Version | 'missing',
  call: FillCall,
): Promise<Version | undefined> {
  const { pool, journal } = parts;
  const { to } = transfer;
  const look = (remote: Remote, signal: AbortSignal) => expectVersion(remote, to.path, base, signal);
  const target = await pool.run(to.host, look, { signal: call.signal, lane: 'bulk', repeatable: true });
  const { path, attributes: before } = target;
  if (before !== undefined && needsInPlace(target, before, transfer.saveMode)) return undefined;
  const options = { signal: call.signal, lane: 'bulk', changes: 'begun' } as const;
  const prepare = async (remote: Remote, partial: string): Promise<Version | undefined> => {
    const [fresh, now] = await settleAll([remote.lstat(partial), lstatIfThere(remote, path, {})]);
    await assertUntouched(path, before, now);
    if (before === undefined) await giveMode(remote, partial, fresh, transfer.newMode, {});
    const isSame = before === undefined || (await carryOver(remote, partial, fresh, before, {}));
    return isSame || transfer.saveMode !== 'auto' ? versionOf(fresh) : undefined;
  };
  const place = async (partial: string): Promise<Version | undefined> => {
    const made = await pool.run(to.host, (remote) => prepare(remote, partial), { ...options, repeatable: true });
    const rename = (remote: Remote) => moveWithin(remote, partial, path, { overwrite: before !== undefined, journal });
    if (made !== undefined) await runChange(pool, to.host, rename, options);
    return made;
  };
  try {
    const made = await throughPartial(parts, { ...transfer, to: { ...to, path } }, before?.mode, call, place);
    return made && (await confirm(pool, { host: to.host, path }, made, call.signal));
  } catch (error) {
    if (before === undefined && isRemoteError(error, 'Exists')) return met(pool, to.host, path, call.signal);
    throw error;
  }
}

/** Downloads a file of any size. `mayPlace` is asked when all of it is here: what it throws leaves the old one. */
export function fetchOver(
  parts: OverVersionParts,
  transfer: OverVersion,
  mayPlace: () => Promise<void>,
  call: FillCall,
): Promise<Attributes> {
  const { to } = transfer;
  const place = async (remote: Remote, partial: string): Promise<Attributes> => {
    await mayPlace();
    await moveWithin(remote, partial, to.path, { overwrite: true });
    return remote.stat(to.path);
  };
  return throughPartial(parts, transfer, undefined, call, (partial) => parts.pool.run(to.host, (remote) => place(remote, partial)));
}

async function expectVersion(remote: Remote, path: string, base: Version | 'missing', signal: AbortSignal) {
  const target = await findSaveTarget(remote, path, { signal });
  const { attributes } = target;
  if (attributes?.kind === 'directory') throw new RemoteError('IsADirectory', t('There is a folder with this name.'), { path });
  if (base === 'missing') {
    if (attributes !== undefined) throw foreign(path, await versionOf(attributes));
    return target;
  }
  // The content that comes is none that could be there already by its hash.
  const comparison = await compareWithBase(remote, target.path, attributes, base, new Uint8Array(), { signal });
  if (comparison === 'unchanged' || attributes === undefined) return target;
  throw changed(path, await versionOf(attributes));
}

async function throughPartial<T>(
  { pool, bandwidth, journal }: OverVersionParts,
  { from, to, source, isResumed }: OverVersion,
  mode: number | undefined,
  call: FillCall,
  place: (partial: string) => Promise<T>,
): Promise<T> {
  const places = { from: { host: hostKey(from.host), path: from.path }, to: { host: hostKey(to.host), path: to.path } };
  const { size, mtime } = source;
  const partial = await partialPath({ ...places, size, mtime, kind: 'file', mode: undefined, onExists: 'overwrite' });
  await (isResumed ? journal?.removeTemporary(partial) : journal?.addTemporary(partial));
  try {
    await lease(pool, from, to, call.signal, (pair, signal) =>
      fillPartial({ ...pair, source: from.path, partial, size, mtime, given: { mode, mtime: undefined }, bandwidth }, { ...call, signal }),
    );
    const made = await place(partial);
    // Where it was not put in its place it is of no use.
    if (made === undefined) await pool.run(to.host, (remote) => removeIfThere(remote, partial), { changes: 'begun' });
    await journal?.removeTemporary(partial);
    return made;
  } catch (error) {
    const reason = toRemoteError(error);
    const isWanted = isResumed && !(reason instanceof ConflictError) && reason.code !== 'Conflict';
    if (!isWanted) await drop(pool, to, partial, journal);
    throw reason;
  }
}

async function drop(pool: Pool, { host }: Place, partial: string, journal: SaveJournal | undefined): Promise<void> {
  try {
    await pool.run(host, (remote) => removeIfThere(remote, partial), { lane: 'bulk', background: true, changes: 'begun' });
    await journal?.removeTemporary(partial);
  } catch {
    await journal?.addTemporary(partial).catch(() => undefined);
    journal?.abandon(partial);
  }
}

async function met(pool: Pool, host: Place['host'], path: string, signal: AbortSignal): Promise<never> {
  throw foreign(path, await versionOf(await pool.run(host, (remote, ended) => remote.stat(path, { signal: ended }), { signal })));
}

/** Somebody may have been there at the same moment. The file is there: what this look meets with must not say otherwise. */
async function confirm(pool: Pool, { host, path }: Place, made: Version, signal: AbortSignal): Promise<Version> {
  const now = await pool
    .run(host, (remote, ended) => remote.stat(path, { signal: ended }), { signal, lane: 'bulk', repeatable: true })
    .catch(() => undefined);
  if (now === undefined) return made;
  if (now.size !== made.size) throw changed(path, await versionOf(now));
  return versionOf(now);
}

/** Nobody ever said that this version may be replaced. */
export function foreign(path: string, theirs: Version): ConflictError {
  return new ConflictError(path, t('The server has another file there, which was never exchanged with this computer.'), theirs);
}
