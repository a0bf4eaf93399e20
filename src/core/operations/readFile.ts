import { abortError, RemoteError } from '../errors.ts';
import { t } from '../l10n.ts';
import type { Attributes, Call, ReadOptions, Remote } from '../remote.ts';
import { joinedBytes } from '../bytes.ts';
import { hashLimit, type Version, versionOf } from './version.ts';

export interface ReadFile {
  readonly bytes: Uint8Array;
  readonly version: Version;
}

export interface ReadFileOptions extends Call {
  /** Told what the bytes belong to before they are all there; again when the file is read again. */
  readonly onAttributes?: ((attributes: Attributes) => void) | undefined;
}

const attempts = 3;

/**
 * All bytes of a file (links followed) and the version that they are. Bytes and version belong together: a file that changes while it is
 * read is read again, three times at most, then `Busy`. `IsADirectory` for a folder.
 */
export async function readFile(remote: Remote, path: string, call: ReadFileOptions = {}): Promise<ReadFile> {
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    if (call.signal?.aborted === true) throw abortError(call.signal);
    const [attributes, bytes] = await statAndRead(remote, path, call);
    if (attributes.kind === 'directory') throw new RemoteError('IsADirectory', t('This is a folder, not a file.'), { path });
    // What the kernel makes up on reading (/proc, /sys) has no size before.
    const madeUp = attributes.size === 0 && attempt === attempts;
    if (madeUp || (await isWhole(remote, path, attributes, bytes, call))) return { bytes, version: await versionOf(attributes, bytes) };
  }
  throw new RemoteError('Busy', t('The file keeps changing on the server while it is read.'), {
    path,
    hint: t('Try again when nothing writes to it.'),
  });
}

/** In one flight where the server takes several calls at once. */
async function statAndRead(
  remote: Remote,
  path: string,
  { signal, onProgress, onAttributes }: ReadFileOptions,
): Promise<[Attributes, Uint8Array]> {
  const look = async () => {
    const attributes = await remote.stat(path, { signal });
    onAttributes?.(attributes);
    return attributes;
  };
  const [attributes, bytes] = await Promise.allSettled([look(), readBytes(remote, path, { signal, onProgress })]);
  // What `stat` says of a path that can't be read is the better reason.
  if (attributes.status === 'rejected') throw attributes.reason;
  if (bytes.status === 'fulfilled') return [attributes.value, bytes.value];
  if (attributes.value.kind === 'directory') return [attributes.value, new Uint8Array()];
  throw bytes.reason;
}

/** Size tells a change while reading; above `hashLimit` no hash will tell the rest later, so the attributes are looked at once more. */
async function isWhole(remote: Remote, path: string, before: Attributes, bytes: Uint8Array, call: Call): Promise<boolean> {
  if (bytes.length !== before.size) return false;
  if (bytes.length <= hashLimit) return true;
  const after = await remote.stat(path, { signal: call.signal });
  return after.size === before.size && after.mtime === before.mtime;
}

/** All bytes of a file, or those that `call` asks for, as one array. */
export async function readBytes(remote: Remote, path: string, call: ReadOptions = {}): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  await remote.read(path, (chunk) => void chunks.push(chunk), call);
  return joinedBytes(chunks);
}
