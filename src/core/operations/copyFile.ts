import { joinedBytes } from '../bytes.ts';
import { isRemoteError, RemoteError, toRemoteError } from '../errors.ts';
import { t } from '../l10n.ts';
import type { Attributes, Remote } from '../remote.ts';
import { bring } from './pipe.ts';

/** Runs a task with another connection to the same server; with none where there is none to be had. */
export type Reader = <T>(task: (other: Remote | undefined) => Promise<T>) => Promise<T>;

export interface CopyCall {
  readonly signal?: AbortSignal | undefined;
  /** For servers that do one thing at a time on a connection. */
  readonly reader?: Reader | undefined;
  /** Bytes of this file so far. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

/** One file, between two servers or on one. */
export interface FileCopy {
  readonly from: Remote;
  readonly to: Remote;
  readonly source: string;
  /** Must not exist. */
  readonly target: string;
  /** Of the source, as listed. */
  readonly attributes: Attributes;
  /** As in `WriteOptions`. */
  readonly isFree?: boolean;
}

/**
 * Copies the content, verified by the server and by the size that the source had, with mode and time where the server takes them. On one
 * server it is the server that copies, where it can. Leaves nothing after a failure as long as the connection lives.
 */
export async function copyFile(copy: FileCopy, call: CopyCall): Promise<void> {
  const { to, target, attributes } = copy;
  let onServer: number | undefined;
  try {
    onServer = await copyOnServer(copy, call);
    const size = onServer ?? (await transfer(copy, call));
    if (size !== attributes.size)
      throw new RemoteError('Busy', t('The file changed while it was copied.'), { path: copy.source, retryable: false });
  } catch (error) {
    const reason = toRemoteError(error);
    // What is there already is not ours.
    if (reason.code !== 'Exists' || reason.path !== target) await removeQuietly(to, target);
    throw reason;
  }
  if (onServer !== undefined || to.facts.copiesAttributes !== true) await carryAttributes(to, target, attributes, call);
}

/** The size of the copy; undefined where the server can't. */
async function copyOnServer({ from, to, source, target }: FileCopy, { signal }: CopyCall): Promise<number | undefined> {
  if (from !== to || from.copyOnServer === undefined) return undefined;
  try {
    await from.copyOnServer(source, target, { signal });
  } catch (error) {
    if (isRemoteError(error, 'Unsupported')) return undefined;
    throw error;
  }
  const { size } = await to.lstat(target, { signal });
  return size;
}

/** Up to so many bytes a file is not worth another log-in. */
const smallFile = 4 * 1024 * 1024;
/** Up to so many bytes a file is read before it is written. */
const wholeFile = 64 * 1024;
/** Larger files are not held in memory. */
const memoryLimit = 256 * 1024 * 1024;

/** One connection that does one thing at a time can't read and write at once. */
async function transfer(copy: FileCopy, call: CopyCall): Promise<number> {
  const { from, to, attributes } = copy;
  // What is held as a whole can be sent before the server said that it is ready.
  if (from !== to && to.facts.parallel === 1 && attributes.size <= wholeFile) return throughMemory(copy, call);
  if (from !== to || from.facts.parallel > 1) return stream(copy, call);
  if (attributes.size <= smallFile || call.reader === undefined) return throughMemory(copy, call);
  return call.reader((other) => (other === undefined ? throughMemory(copy, call) : stream({ ...copy, from: other }, call)));
}

async function throughMemory(copy: FileCopy, { signal, onProgress }: CopyCall): Promise<number> {
  const { from, to, source, target, attributes } = copy;
  if (attributes.size > memoryLimit)
    throw new RemoteError('Unsupported', t('Files of more than {0} MB can not be copied over one connection.', memoryLimit / 1024 / 1024), {
      path: source,
      hint: t('Allow more connections for this host in its settings, if the server does.'),
    });
  const chunks: Uint8Array[] = [];
  const size = await from.read(source, (chunk) => void chunks.push(chunk), { signal });
  const content = size <= wholeFile ? joinedBytes(chunks) : replay(chunks);
  await to.write(target, content, { ...creating(copy), signal, onProgress });
  return size;
}

/** Each chunk is given up with its turn. */
async function* replay(chunks: Uint8Array[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (let chunk = chunks.shift(); chunk !== undefined; chunk = chunks.shift()) yield await Promise.resolve(chunk);
}

function creating({ attributes: { mode, mtime, size }, isFree = false }: FileCopy) {
  const bits = mode === undefined ? undefined : mode & 0o777;
  return { disposition: 'create', isFree, size, mode: bits, copied: { mode: bits, mtime } } as const;
}

function stream(copy: FileCopy, { signal, onProgress }: CopyCall): Promise<number> {
  const { from, to, source, target } = copy;
  return bring(
    (push) => from.read(source, push, { signal, onProgress, lent: true }),
    (content) => to.write(target, content, { ...creating(copy), signal }),
    () => new RemoteError('Lost', t('The file grew while it was copied.'), { path: source, dropsConnection: false }),
  );
}

/** Best effort: a server that refuses them still holds the content. */
export async function carryAttributes(
  remote: Remote,
  path: string,
  { mode, mtime }: Pick<Attributes, 'mode' | 'mtime'>,
  { signal }: CopyCall,
): Promise<void> {
  const changes: Promise<void>[] = [];
  const call = { signal, unexplained: true };
  if (mode !== undefined && remote.chmod !== undefined) changes.push(remote.chmod(path, mode & 0o777, call));
  if (mtime !== undefined && remote.setMtime !== undefined) changes.push(remote.setMtime(path, mtime, call));
  for (const change of await Promise.allSettled(changes)) {
    if (change.status === 'fulfilled') continue;
    const reason = toRemoteError(change.reason);
    if (reason.dropsConnection || reason.code === 'Cancelled') throw reason;
  }
}

/** How long undoing may take for one entry, in ms. */
const undoTime = 5000;

/** What was begun, and is of value to nobody. Never throws. */
export async function removeQuietly(remote: Remote, path: string): Promise<void> {
  try {
    await remote.unlink(path, { signal: AbortSignal.timeout(undoTime) });
  } catch {
    // What failed before is what the person has to know.
  }
}
