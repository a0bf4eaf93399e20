import { isRemoteError, RemoteError, toRemoteError } from '../errors.ts';
import type { Host } from '../host.ts';
import { t } from '../l10n.ts';
import { contains } from '../path.ts';
import type { Pool } from '../pool.ts';
import type { Remote } from '../remote.ts';
import { hostKey } from '../sameHost.ts';
import type { Reader } from './copyFile.ts';
import { type Copied, copyTree, type Pair, removeCopied, verifyCopied } from './copyTree.ts';
import { assertNotInside, moveWithin, type RenameOptions } from './move.ts';
import { lstatIfThere } from './saveTarget.ts';
import type { Further } from './spread.ts';
import { secondConnection } from './secondConnection.ts';
import { forgetTemporary, removeTemporary, temporaryBeside } from './temporary.ts';
import type { TreeOptions } from './tree.ts';
import { orUnsettled, runChange, UnsettledError } from './unsettled.ts';

/** Something on some server. */
export interface Place {
  readonly host: Host;
  readonly path: string;
}

/** `journal`: of the target's host; undefined: a crash may leave hidden files and folders there. */
export interface MoveOptions extends TreeOptions, RenameOptions {}

/**
 * Moves a file, folder or link: on one host by renaming; between hosts, and where a server can't rename so far, by a verified copy after
 * which the source is removed. A lost link is made good on a new connection. After a failure the source is whole, or the target, or both.
 */
export async function moveThroughPool(pool: Pool, from: Place, to: Place, options: MoveOptions): Promise<void> {
  if (hostKey(from.host) === hostKey(to.host)) {
    assertNotInside(from.path, to.path);
    try {
      await runChange(pool, to.host, (remote) => moveWithin(remote, from.path, to.path, options), { signal: options.signal });
      return;
    } catch (error) {
      if (!isRemoteError(error, 'Unknown', 'Unsupported')) throw error;
    }
  }
  const copied = await bring(pool, from, to, options, verifyCopied);
  await runChange(pool, from.host, (remote) => removeCopied(remote, copied, to.path));
}

/** Copies a file, folder or link, on the server itself where it can. Nothing is left of a copy that fails. */
export async function copyThroughPool(pool: Pool, from: Place, to: Place, options: MoveOptions): Promise<void> {
  if (hostKey(from.host) === hostKey(to.host)) {
    assertNotInside(from.path, to.path);
    if (from.path === to.path) throw new RemoteError('Exists', t('A file can not be copied onto itself.'), { path: to.path });
  }
  await bring(pool, from, to, options);
}

/** Copies, and once more where a link was lost in the middle: of the first attempt nothing is used and nothing left. */
async function bring(pool: Pool, from: Place, to: Place, options: MoveOptions, verify?: typeof verifyCopied): Promise<readonly Copied[]> {
  try {
    return await bringOnce(pool, from, to, options, verify);
  } catch (error) {
    const reason = toRemoteError(error);
    if (reason.code !== 'Lost' || !reason.retryable || options.signal?.aborted === true) throw reason;
    return bringOnce(pool, from, to, options, verify);
  }
}

/** Copies to a hidden stage beside the target, and when that is whole brings it to its place by a rename. */
async function bringOnce(
  pool: Pool,
  from: Place,
  to: Place,
  options: MoveOptions,
  verify: typeof verifyCopied | undefined,
): Promise<readonly Copied[]> {
  const { overwrite, journal } = options;
  const stage = temporaryBeside(to.path, 'tmp');
  await journal?.addTemporary(stage);
  try {
    const copied = await withBoth(pool, from, to, options.signal, async ({ from: source, to: target, signal, reader, further }) => {
      const allowed = overwrite ? undefined : assertFree(target, to.path, signal);
      const made = await copyTree(source, target, from.path, stage, { signal, reader, further, allowed, onProgress: options.onProgress });
      await verify?.(source, target, made, { signal, further });
      return made;
    });
    await place(pool, to, stage, copied, options);
    if (journal !== undefined) await forgetTemporary(stage, journal);
    return copied;
  } catch (error) {
    const reason = toRemoteError(error);
    if (mayClear(reason, options)) await clear(pool, to.host, stage, options);
    journal?.abandon(stage);
    throw withHint(aboutTarget(reason, stage, to.path));
  }
}

async function place(pool: Pool, to: Place, stage: string, copied: readonly Copied[], options: MoveOptions): Promise<void> {
  const { signal } = options;
  try {
    await runChange(pool, to.host, (remote) => moveWithin(remote, stage, to.path, options), { signal, changes: 'begun' });
  } catch (error) {
    // Some servers can't rename a link; a new one is made in one step as well.
    if (!isRemoteError(error, 'Unsupported') || copied[0]?.attributes.kind !== 'symlink') throw error;
    await runChange(pool, to.host, (remote) => linkInstead(remote, stage, to.path, error), { signal, changes: 'begun' });
  }
}

async function linkInstead(remote: Remote, stage: string, path: string, reason: RemoteError): Promise<void> {
  const text = await remote.readLink?.(stage);
  if (text === undefined || remote.symlink === undefined) throw reason;
  await orUnsettled(remote.symlink(text, path), async (next) => {
    const made = await lstatIfThere(next, path, {});
    if (made === undefined) await next.symlink?.(text, path);
    else if (made.kind !== 'symlink' || (made.target ?? (await next.readLink?.(path))) !== text) throw reason;
  });
  await removeTemporary(remote, stage, undefined);
}

/** Before everything is copied for nothing. */
async function assertFree(target: Remote, path: string, signal: AbortSignal): Promise<void> {
  if ((await lstatIfThere(target, path, { signal })) !== undefined)
    throw new RemoteError('Exists', t('There is already a file or folder with this name.'), { path });
}

/** Not where the server can't be reached, and not where a person ended the connection: nobody wants a new one then. */
function mayClear({ code, cause }: RemoteError, { signal }: MoveOptions): boolean {
  return !(cause instanceof UnsettledError) && (code !== 'Cancelled' || signal?.aborted === true);
}

/** How long, in ms, removing a stage may hold up the answer; what is left then is removed at a later connection. */
const clearTime = 20_000;

async function clear(pool: Pool, host: Host, stage: string, { journal }: MoveOptions): Promise<void> {
  const signal = AbortSignal.timeout(clearTime);
  try {
    const options = { signal, lane: 'bulk', repeatable: true, changes: 'begun' } as const;
    await pool.run(host, (remote, ended) => removeTemporary(remote, stage, journal, ended), options);
  } catch {
    // What failed before is what the person has to know; the stage is in the journal.
  }
}

/** What fails here is undone. */
function withHint(reason: RemoteError): RemoteError {
  const speaksForItself = ['Exists', 'NotFound', 'Cancelled'].includes(reason.code);
  return speaksForItself ? reason : reason.with({ hint: t('Nothing was changed.') });
}

/** A person knows the target, not the stage. */
function aboutTarget(reason: RemoteError, stage: string, target: string): RemoteError {
  const { code, message, path, host, hint, retryable, dropsConnection } = reason;
  if (path === undefined || !contains(stage, path)) return reason;
  const said = target + path.slice(stage.length);
  return new RemoteError(code, message, { path: said, host, hint, retryable, dropsConnection, cause: reason });
}

interface Both extends Pair {
  readonly signal: AbortSignal;
  readonly reader?: Reader;
  readonly further: Further<Pair> | undefined;
}

function withBoth<T>(pool: Pool, from: Place, to: Place, signal: AbortSignal | undefined, task: (both: Both) => Promise<T>): Promise<T> {
  return lease(pool, from, to, signal, (pair, ended) =>
    task({
      ...pair,
      signal: ended,
      further: furtherPairs(pool, from, to, pair),
      ...(pair.from === pair.to && { reader: secondConnection(pool, to.host, ended) }),
    }),
  );
}

/** A connection to each; always taken in the same order, so that two moves in opposite directions don't wait for each other. */
export function lease<T>(
  pool: Pool,
  from: Place,
  to: Place,
  signal: AbortSignal | undefined,
  task: (pair: Pair, ended: AbortSignal) => Promise<T>,
): Promise<T> {
  const run = <R>(host: Host, inner: (remote: Remote, ended: AbortSignal) => Promise<R>, outer: AbortSignal | undefined): Promise<R> =>
    // Of the source nothing is changed by a copy.
    pool.run(host, (remote, ended) => inner(remote, ended).catch((error: unknown) => rejectFor(host, error)), {
      signal: outer,
      lane: 'bulk',
      ...(host === to.host && { changes: 'new' }),
    });
  if (hostKey(from.host) === hostKey(to.host)) return run(to.host, (remote, ended) => task({ from: remote, to: remote }, ended), signal);
  return hostKey(from.host) < hostKey(to.host)
    ? run(from.host, (source, one) => run(to.host, (target, both) => task({ from: source, to: target }, both), one), signal)
    : run(to.host, (target, one) => run(from.host, (source, both) => task({ from: source, to: target }, both), one), signal);
}

/** What ended a connection to the other host ends none to this one. */
function rejectFor({ name }: Host, error: unknown): never {
  const reason = toRemoteError(error);
  const { host, dropsConnection, code, message, path, hint, retryable, cause } = reason;
  if (cause instanceof RemoteError && cause.message === message && cause.host === name) throw cause;
  if (!dropsConnection || host === undefined || host === name) throw reason;
  throw new RemoteError(code, message, { path, host, hint, retryable, dropsConnection: false, cause: reason });
}

/** Where one of both servers does one thing at a time on a connection. */
function furtherPairs(pool: Pool, from: Place, to: Place, pair: Pair): Further<Pair> | undefined {
  const limits = [
    [pair.from, from.host.connections],
    [pair.to, to.host.connections],
  ] as const;
  const exclusive = limits.filter(([remote]) => remote.facts.parallel === 1).map(([, limit]) => limit - 1);
  if (exclusive.length === 0) return undefined;
  return { count: Math.min(...exclusive), run: (step, signal) => lease(pool, from, to, signal, step) };
}
