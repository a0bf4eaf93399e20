import { isRemoteError } from '../errors.ts';
import { t } from '../l10n.ts';
import type { Attributes, Call, Remote } from '../remote.ts';
import { readBytes } from './readFile.ts';
import { ConflictError } from './saveErrors.ts';
import { hashLimit, hashOf, type Version, versionOf } from './version.ts';

export interface CompareCall extends Call {
  /** Is told the file's content where it was read to compare it. */
  readonly onSeen?: ((theirs: Uint8Array) => void) | undefined;
}

/** What a look at the file that is about to be saved says. */
export type Comparison = 'unchanged' | 'alreadySaved';

/**
 * Whether the file at `path` is still what `base` says. `attributes`: as just seen, undefined for a missing file.
 * Size, time in either direction and, up to `hashLimit`, the content itself are compared; a file that only got a new time is unchanged.
 * `alreadySaved`: somebody — an earlier attempt of ours — brought `content` there. Throws `ConflictError` otherwise.
 */
export async function compareWithBase(
  remote: Remote,
  path: string,
  attributes: Attributes | undefined,
  base: Version,
  content: Uint8Array,
  call: CompareCall,
): Promise<Comparison> {
  if (attributes === undefined) throw deleted(path);
  const sameSize = attributes.size === base.size;
  const maybeOurs = attributes.size === content.length && content.length <= hashLimit;
  if (sameSize && base.hash !== undefined) return compareContent(remote, path, attributes, base, content, call);
  if (sameSize && (attributes.mtime === undefined || base.mtime === undefined || attributes.mtime === base.mtime)) return 'unchanged';
  if (maybeOurs) return compareContent(remote, path, attributes, base, content, call);
  throw changed(path, await versionOf(attributes));
}

async function compareContent(
  remote: Remote,
  path: string,
  attributes: Attributes,
  base: Version,
  content: Uint8Array,
  call: CompareCall,
): Promise<Comparison> {
  const theirs = await readTheirs(remote, path, call);
  call.onSeen?.(theirs);
  const hash = await hashOf(theirs);
  if (hash === base.hash) return 'unchanged';
  if (hash === (await hashOf(content))) return 'alreadySaved';
  throw changed(path, await versionOf(attributes, theirs));
}

async function readTheirs(remote: Remote, path: string, call: Call): Promise<Uint8Array> {
  try {
    return await readBytes(remote, path, call);
  } catch (error) {
    if (isRemoteError(error, 'NotFound')) throw deleted(path);
    throw error;
  }
}

/** Throws `ConflictError` if the file is no longer what it was at the start of the save. */
export async function assertUntouched(path: string, before: Attributes | undefined, now: Attributes | undefined): Promise<void> {
  if (now === undefined) {
    if (before !== undefined) throw deleted(path);
    return;
  }
  const same = before?.size === now.size && before.kind === now.kind && before.mtime === now.mtime;
  if (!same) throw changed(path, await versionOf(now));
}

export function changed(path: string, theirs: Version): ConflictError {
  return new ConflictError(path, t('The file was changed on the server after it was opened.'), theirs);
}

function deleted(path: string): ConflictError {
  return new ConflictError(path, t('The file was deleted on the server after it was opened.'), undefined);
}
