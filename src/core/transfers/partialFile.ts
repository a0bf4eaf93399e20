import { isSameContent, joinedBytes } from '../bytes.ts';
import { isRemoteError, RemoteError, toRemoteError } from '../errors.ts';
import { t } from '../l10n.ts';
import { carryAttributes } from '../operations/copyFile.ts';
import { bring } from '../operations/pipe.ts';
import { readBytes } from '../operations/readFile.ts';
import { lstatIfThere } from '../operations/saveTarget.ts';
import { hashOf } from '../operations/version.ts';
import { basename, child, parent } from '../path.ts';
import type { Remote } from '../remote.ts';
import type { Bandwidth } from './bandwidth.ts';
import type { TransferTask } from './item.ts';

/** From so many bytes on the beginning of a file is worth keeping. */
const worthResuming = 1024 * 1024;
/** So much of what is there already is compared before it is gone on with. */
const compared = 64 * 1024;
/** Up to so many bytes a file is read before it is written: what is held as a whole can be sent at once. */
export const wholeFile = 64 * 1024;
/** The longest name that may get longer. */
const longestName = 200;

/**
 * Where a file grows until it is whole: beside its target. For one that is worth resuming the same for the same version of the same source, so
 * that a part of it is found again; that of another version never is. A small one has a new name each time: some servers keep the one of a
 * broken attempt locked, and no two windows ever write one file.
 */
export async function partialPath({ from, to, size, mtime }: TransferTask): Promise<string> {
  const isLarge = size >= worthResuming;
  const identity = isLarge ? JSON.stringify([from.host, from.path, to.path, size, mtime]) : globalThis.crypto.randomUUID();
  const hash = await hashOf(new TextEncoder().encode(identity));
  const name = basename(to.path);
  if (to.host !== '' || name.length > longestName) return child(parent(to.path), `.ferry-${hash.slice(0, 16)}.tmp`);
  return child(parent(to.path), `${name}.part-ferry-${hash.slice(0, 8)}`);
}

/** Whether it is the name of a file that grows on this computer. */
export function isPartName(name: string): boolean {
  return /\.part-ferry-[0-9a-f]{8}$/.test(name);
}

/** Whether a failure may leave a part of it that is gone on with. */
export function leavesPart({ kind, size }: Pick<TransferTask, 'kind' | 'size'>): boolean {
  return kind === 'file' && size >= worthResuming;
}

export interface Filling {
  readonly from: Remote;
  readonly to: Remote;
  readonly source: string;
  /** As `partialPath` says. */
  readonly partial: string;
  /** Of the source, as just seen. */
  readonly size: number;
  readonly mtime: number | undefined;
  /** Permission bits and time that the copy gets, best effort; undefined: the ones that the server gives it. */
  readonly given: { readonly mode: number | undefined; readonly mtime: number | undefined };
  readonly bandwidth: Bandwidth;
}

export interface FillCall {
  readonly signal: AbortSignal;
  /** Bytes of the file that are there. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

/**
 * Brings all of the source to `partial`: on from what an earlier attempt left there, where its end is the source's at that place. Resolves
 * when the server confirmed all of it and its size is the source's; `Busy` where the source is not what it was. After any failure what is
 * there is a beginning of the source, or is not worth a thing and removed as long as the connection lives.
 */
export async function fillPartial(filling: Filling, call: FillCall): Promise<void> {
  const begin = await usableBytes(filling, call.signal);
  try {
    await fillFrom(filling, begin, call);
  } catch (error) {
    const reason = toRemoteError(error);
    // A small one that a crash left; else the server does not go on with files, or not as it should.
    const mayBeginAnew = begin > 0 || (reason.code === 'Exists' && reason.path === filling.partial);
    if (!mayBeginAnew || reason.dropsConnection || isRemoteError(reason, 'Cancelled', 'Busy', 'NoSpace')) throw reason;
    await removeIfThere(filling.to, filling.partial);
    await fillFrom(filling, 0, call);
  }
}

/** How many bytes of what is there are gone on with; 0: there is nothing then. */
async function usableBytes(filling: Filling, signal: AbortSignal): Promise<number> {
  const { from, to, source, partial, size, mtime } = filling;
  if (size < worthResuming) return 0;
  const there = await lstatIfThere(to, partial, { signal });
  if (there === undefined) return 0;
  const end = there.size - (to.facts.mayHaveGaps ?? 0);
  const offset = Math.max(0, end - compared);
  const isUsable =
    there.kind === 'file' && to.resume !== undefined && mtime !== undefined && end > 0 && there.size <= size && isKnownWhole(filling);
  if (isUsable) {
    const [here, original] = await Promise.all([
      readBytes(to, partial, { offset, length: end - offset, signal }),
      readBytes(from, source, { offset, length: end - offset, signal }),
    ]);
    if (here.length === end - offset && isSameContent(here, original)) return end;
  }
  await to.unlink(partial, { signal });
  return 0;
}

/** Times that are told by the minute or worse do not tell one version from the next. */
function isKnownWhole({ from }: Filling): boolean {
  return from.facts.mtimeResolution !== undefined && from.facts.mtimeResolution <= 1000;
}

async function fillFrom(filling: Filling, begin: number, call: FillCall): Promise<void> {
  const { from, source, to, partial, size } = filling;
  try {
    const count = await stream(filling, begin, call);
    if (begin + count !== size) throw changedMeanwhile(source);
    if (size < worthResuming) return;
    const now = await from.stat(source, { signal: call.signal });
    if (now.size !== size || now.mtime !== filling.mtime) throw changedMeanwhile(source);
  } catch (error) {
    const reason = toRemoteError(error);
    if (!reason.dropsConnection && (size < worthResuming || isRemoteError(reason, 'Busy', 'Corrupt')))
      await removeIfThere(to, partial).catch(() => undefined);
    throw reason;
  }
}

function changedMeanwhile(path: string): RemoteError {
  return new RemoteError('Busy', t('The file changed while it was transferred.'), { path });
}

/** Brings the bytes of the source from `begin` on to `partial`, and resolves to their count; where `begin` is not 0, there is a file. */
export async function stream(filling: Filling, begin: number, call: FillCall): Promise<number> {
  const { from, to, source, size } = filling;
  const { signal, onProgress } = call;
  // What is there already is read, not sent: it counts for the checksum.
  const start = to.facts.comparesContent === true ? 0 : begin;
  onProgress?.(begin);
  const paced = { offset: start, signal, onProgress: (bytes: number) => onProgress?.(Math.max(begin, start + bytes)) };
  if (size <= wholeFile) {
    const chunks: Uint8Array[] = [];
    const count = await from.read(source, (chunk) => void chunks.push(chunk), paced);
    await filling.bandwidth.take(count, signal);
    await put(filling, begin, joinedBytes(chunks), signal);
    return start + count - begin;
  }
  let position = start;
  const inSlices = (push: (piece: Uint8Array) => Promise<void>) => async (chunk: Uint8Array) => {
    const { slice } = filling.bandwidth;
    for (let at = 0; at < chunk.length; at += slice) {
      const piece = chunk.subarray(at, at + slice);
      if (position >= begin) await filling.bandwidth.take(piece.length, signal);
      await push(piece);
      position += piece.length;
    }
  };
  const count = await bring(
    (push) => from.read(source, inSlices(push), { ...paced, lent: true }),
    (content) => put(filling, begin, content, signal),
    () => changedMeanwhile(source),
  );
  return start + count - begin;
}

async function put(
  { to, partial, size, given }: Filling,
  begin: number,
  content: Uint8Array | AsyncIterable<Uint8Array>,
  signal: AbortSignal,
) {
  if (begin > 0 && to.resume !== undefined) await to.resume(partial, begin, content, { signal });
  else
    await to.write(partial, content, {
      ...{ disposition: 'create', signal, mode: given.mode, inOrder: size >= worthResuming },
      ...(to.facts.copiesAttributes === true && { copied: given }),
    });
  if (begin > 0 || to.facts.copiesAttributes !== true) await carryAttributes(to, partial, given, { signal });
}

/** How long that may take after a failure, in ms. */
const removeTime = 5000;

export async function removeIfThere(remote: Remote, path: string): Promise<void> {
  try {
    await remote.unlink(path, { signal: AbortSignal.timeout(removeTime) });
  } catch (error) {
    if (!isRemoteError(error, 'NotFound')) throw error;
  }
}
