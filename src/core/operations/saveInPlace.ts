import { isSameContent } from '../bytes.ts';
import { isRemoteError, RemoteError, toRemoteError } from '../errors.ts';
import { t } from '../l10n.ts';
import type { Attributes, Remote } from '../remote.ts';
import { assertUntouched } from './conflict.ts';
import { readBytes, readFile } from './readFile.ts';
import type { SaveJournal } from './save.ts';
import { DoubtfulSaveError, type SaveAttempt, UnsettledOverwriteError } from './saveErrors.ts';
import { hashLimit, hashOf, type Version, versionOf } from './version.ts';

export interface InPlace {
  readonly target: string;
  readonly content: Uint8Array;
  /** The file as it was when it was compared with the base; undefined where nothing is compared. */
  readonly before: Attributes | undefined;
  readonly journal: SaveJournal;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((bytes: number) => void) | undefined;
  /** Is told what the file holds before it is written over. */
  readonly onSeen?: ((old: Uint8Array) => void) | undefined;
}

/** Both contents of a file that is written over. */
interface Guarded extends Pick<InPlace, 'target' | 'content'> {
  readonly old: Uint8Array;
  readonly kept: { readonly location: string; done(): Promise<void> };
}

/**
 * Writes over an existing file, so that its owner, group and links stay. What it held is read back first and kept on this computer with
 * the new content until the server's file is verified. After a fault the new content is written again, else the old one restored;
 * `UnsettledError` when that needs a new connection.
 */
export async function saveInPlace(remote: Remote, save: InPlace): Promise<Version> {
  const { target, content, signal } = save;
  const { bytes: old } = await readFile(remote, target, { signal });
  save.onSeen?.(old);
  if (save.before !== undefined) await assertUntouched(target, save.before, { ...(await remote.stat(target, { signal })) });
  const kept = await save.journal.keep({ path: target, old, aside: undefined, new: content });
  const guarded: Guarded = { target, content, old, kept };
  try {
    const version = await writeOver(remote, target, content, save);
    await kept.done();
    return version;
  } catch (error) {
    return await mend(remote, guarded, toRemoteError(error), signal);
  }
}

/** Writes and verifies: the size, and up to `hashLimit` the content too. */
async function writeOver(
  remote: Remote,
  target: string,
  content: Uint8Array,
  call: Partial<Pick<InPlace, 'signal' | 'onProgress'>>,
): Promise<Version> {
  const { signal, onProgress } = call;
  await remote.write(target, content, { disposition: remote.facts.update ? 'update' : 'truncate', signal, onProgress });
  // Not to be cancelled any more: it is written.
  const attributes = await remote.stat(target);
  const whole = attributes.size === content.length && (content.length > hashLimit || (await holds(remote, target, content)));
  if (!whole) throw new RemoteError('Lost', t('The server did not keep what was written.'), { path: target, dropsConnection: false });
  return versionOf(attributes, content);
}

async function holds(remote: Remote, target: string, content: Uint8Array): Promise<boolean> {
  return (await hashOf(await readBytes(remote, target))) === (await hashOf(content));
}

/** Once more the new content — unless the person wanted none of it or there is no room —, else the old one. */
async function mend(remote: Remote, guarded: Guarded, reason: RemoteError, signal: AbortSignal | undefined): Promise<Version> {
  if (reason.dropsConnection) throw unsettled(guarded, reason);
  try {
    if (!isRemoteError(reason, 'Cancelled', 'NoSpace', 'Denied')) return await finish(remote, guarded, signal);
  } catch (error) {
    if (toRemoteError(error).dropsConnection) throw unsettled(guarded, reason);
  }
  try {
    if (!(await isUnharmed(remote, guarded))) await writeOver(remote, guarded.target, guarded.old, {});
  } catch (error) {
    throw toRemoteError(error).dropsConnection ? unsettled(guarded, reason) : harmed(guarded, reason);
  }
  await guarded.kept.done();
  throw reason;
}

async function finish(remote: Remote, { target, content, kept }: Guarded, signal: AbortSignal | undefined): Promise<Version> {
  const version = await writeOver(remote, target, content, { signal });
  await kept.done();
  return version;
}

/** A write that was refused outright changed nothing, and another would be refused too. */
async function isUnharmed(remote: Remote, { target, old }: Guarded): Promise<boolean> {
  const { size } = await remote.stat(target);
  return size === old.length && (await holds(remote, target, old));
}

function unsettled(guarded: Guarded, reason: RemoteError): UnsettledOverwriteError {
  const hint = t('A copy of your text and of what the file held is in {0}.', guarded.kept.location);
  return new UnsettledOverwriteError(reason.withHint(hint), attemptOf(guarded), async (remote, signal) => {
    try {
      return await goOn(remote, guarded, signal);
    } catch (error) {
      if (error instanceof DoubtfulSaveError) throw error;
      return await mend(remote, guarded, toRemoteError(error), signal);
    }
  });
}

/** On a new connection: somebody else may have been at the file meanwhile. */
async function goOn(remote: Remote, guarded: Guarded, signal: AbortSignal | undefined): Promise<Version> {
  const { target, content, kept } = guarded;
  const { bytes, version } = await readFile(remote, target, { signal });
  if (!(await isBegun(bytes, guarded))) throw overtaken(guarded);
  if (!isSameContent(bytes, content)) return finish(remote, guarded, signal);
  await kept.done();
  return version;
}

/** So many bytes are looked at between two turns of the event loop. */
const turn = 1024 * 1024;

/** Whether the file holds nothing but parts of both contents and, where parts came in another order, gaps: our own write that was cut off. */
async function isBegun(bytes: Uint8Array, { old, content }: Guarded): Promise<boolean> {
  if (bytes.length > Math.max(old.length, content.length)) return false;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index];
    if (byte !== old[index] && byte !== content[index] && byte !== 0) return false;
    if (index % turn === turn - 1) await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return true;
}

function overtaken(guarded: Guarded): DoubtfulSaveError {
  const message = t('The link was lost while the file was written over, and somebody else has changed it since.');
  const hint = t('A copy of your text and of what the file held is in {0}.', guarded.kept.location);
  return new DoubtfulSaveError('Conflict', message, attemptOf(guarded), { path: guarded.target, hint });
}

function harmed(guarded: Guarded, reason: RemoteError): DoubtfulSaveError {
  const { target, kept } = guarded;
  const message = t('The file on the server may be damaged: writing it failed, and so did restoring it. {0}', reason.message);
  const hint = t('A copy of your text and of what the file held is in {0}.', kept.location);
  return new DoubtfulSaveError(reason.code, message, attemptOf(guarded), { path: target, host: reason.host, hint, cause: reason });
}

function attemptOf({ content, old, kept }: Guarded): SaveAttempt {
  return { content, old, done: () => kept.done() };
}
