import { isRemoteError, RemoteError, toRemoteError } from '../errors.ts';
import { t } from '../l10n.ts';
import type { Attributes, Remote } from '../remote.ts';
import { createPipe } from './pipe.ts';
import { readBytes } from './readFile.ts';

export interface CopyCall {
  readonly signal?: AbortSignal | undefined;
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
}

/**
 * Copies the content, verified by the server and by the size that the source had, with mode and time where the server takes them. On one
 * server it is the server that copies, where it can. Leaves nothing after a failure as long as the connection lives.
 */
export async function copyFile(copy: FileCopy, call: CopyCall): Promise<void> {
  const { to, target, attributes } = copy;
  try {
    const size = (await copyOnServer(copy, call)) ?? (await transfer(copy, call));
    if (size !== attributes.size)
      throw new RemoteError('Busy', t('The file changed while it was copied.'), { path: copy.source, retryable: false });
  } catch (error) {
    const reason = toRemoteError(error);
    // What is there already is not ours.
    if (reason.code !== 'Exists' || reason.path !== target) await removeQuietly(to, target);
    throw reason;
  }
  await carryAttributes(to, target, attributes, call);
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

async function transfer(copy: FileCopy, { signal, onProgress }: CopyCall): Promise<number> {
  const { from, to, source, target, attributes } = copy;
  const options = { disposition: 'create', mode: attributes.mode === undefined ? undefined : attributes.mode & 0o777, signal } as const;
  // One connection that does one thing at a time can't read and write at once.
  if (from === to && from.facts.parallel <= 1) {
    const bytes = await readBytes(from, source, { signal });
    await to.write(target, bytes, { ...options, onProgress });
    return bytes.length;
  }
  const pipe = createPipe();
  const reading = from
    .read(source, (chunk) => pipe.push(chunk), { signal, onProgress })
    .then(
      (size) => {
        pipe.end();
        return size;
      },
      (error: unknown) => {
        pipe.end(toRemoteError(error));
        throw error;
      },
    );
  const writing = to.write(target, pipe.source, options).then(
    () => pipe.abandon(new RemoteError('Lost', t('The file grew while it was copied.'), { path: source, dropsConnection: false })),
    (error: unknown) => {
      pipe.abandon(toRemoteError(error));
      throw error;
    },
  );
  const [read, written] = await Promise.allSettled([reading, writing]);
  if (written.status === 'rejected') throw written.reason;
  if (read.status === 'rejected') throw read.reason;
  return read.value;
}

/** Best effort: a server that refuses them still holds the content. */
export async function carryAttributes(remote: Remote, path: string, { mode, mtime }: Attributes, { signal }: CopyCall): Promise<void> {
  const changes: Promise<void>[] = [];
  if (mode !== undefined && remote.chmod !== undefined) changes.push(remote.chmod(path, mode & 0o777, { signal }));
  if (mtime !== undefined && remote.setMtime !== undefined) changes.push(remote.setMtime(path, mtime, { signal }));
  for (const change of await Promise.allSettled(changes)) {
    if (change.status === 'fulfilled') continue;
    const reason = toRemoteError(change.reason);
    if (reason.dropsConnection || reason.code === 'Cancelled') throw reason;
  }
}

/** How long undoing may take for one entry, in ms. */
const undoTime = 5000;

export async function removeQuietly(remote: Remote, path: string, kind: Attributes['kind'] = 'file'): Promise<void> {
  const call = { signal: AbortSignal.timeout(undoTime) };
  try {
    await (kind === 'directory' ? remote.rmdir(path, call) : remote.unlink(path, call));
  } catch {
    // What failed before is what the person has to know.
  }
}
