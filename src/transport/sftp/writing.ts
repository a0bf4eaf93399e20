import { RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import type { Content, Filled, FillOptions, WriteOptions } from '../../core/remote.ts';
import { toSeconds } from './changing.ts';
import { toAttributes, type FileAttributes } from './fileAttributes.ts';
import { FileWriter } from './fileWriter.ts';
import { finish, finishBeside, throwError } from './finishing.ts';
import { ownEntry, type OwnEntry } from './ownEntry.ts';
import { openFlag, statusCode } from './protocol.ts';
import { isStatus, statusToRemoteError } from './sftpErrors.ts';
import { outcome, type Outcome, type Scope } from './scope.ts';
import type { Handle } from './handles.ts';
import type { Session } from './session.ts';
import { widen } from './spreading.ts';

export const writeFlags: Readonly<Record<WriteOptions['disposition'], number>> = {
  create: openFlag.WRITE | openFlag.CREAT | openFlag.EXCL,
  truncate: openFlag.WRITE | openFlag.CREAT | openFlag.TRUNC,
  update: openFlag.READ | openFlag.WRITE,
};

/** Writes an open file from its first byte and closes it; resolves once all is confirmed and the size is right. */
export async function writeFile(
  session: Session,
  scope: Scope,
  handle: Handle,
  path: string,
  content: Content,
  options: WriteOptions,
): Promise<void> {
  if (options.disposition === 'update') await assureCut(session, scope, handle);
  const writer = new FileWriter(session, scope, handle, options.onProgress);
  if (options.disposition === 'create' && options.inOrder !== true)
    widen(writer, { session, scope, path }, content instanceof Uint8Array ? content.length : options.size);
  if (content instanceof Uint8Array) await writer.add(content);
  else for await (const piece of content) await writer.add(piece);
  await writer.flush();
  const beside = await writer.gathered();
  const besides = outcome(Promise.all(beside.map((flow) => finishBeside(flow, scope, writer.length))));
  const given = options.copied && copiedAttributes(options.copied);
  await finish({ session, scope, handle, path, writer, cut: options.disposition === 'update', given, alongside: undefined });
  throwError(await besides);
}

/** Writes an open file on from `offset`, and closes it. */
export async function resumeFile(
  session: Session,
  scope: Scope,
  handle: Handle,
  path: string,
  rest: { readonly offset: number; readonly content: Content; readonly onProgress: WriteOptions['onProgress'] },
): Promise<void> {
  const writer = new FileWriter(session, scope, handle, rest.onProgress, rest.offset);
  const pieces = rest.content instanceof Uint8Array ? [rest.content] : rest.content;
  for await (const piece of pieces) await writer.add(piece);
  await writer.flush();
  await finish({ session, scope, handle, path, writer, cut: false, given: undefined, alongside: undefined });
}

/** Version 3 sets both times or none. */
function copiedAttributes({ mode, mtime }: NonNullable<WriteOptions['copied']>): FileAttributes | undefined {
  const times = mtime === undefined ? {} : { atime: toSeconds(Date.now()), mtime: toSeconds(mtime) };
  return mode === undefined && mtime === undefined ? undefined : { permissions: mode, ...times };
}

/** Writes the content of a new file; gives it its mode, and looks at another path, in the flight that closes it. */
export async function fillFile(
  session: Session,
  scope: Scope,
  handle: Handle,
  path: string,
  content: Uint8Array,
  { mode, watched, onProgress }: FillOptions,
): Promise<Filled> {
  const writer = new FileWriter(session, scope, handle, onProgress);
  await writer.add(content);
  await writer.flush();
  const given = mode === undefined ? undefined : { permissions: mode & 0o777 };
  let watching: Promise<Outcome<OwnEntry>> | undefined;
  const alongside = () => void (watching = outcome(ownEntry(session, scope, watched, { lane: 'bulk' })));
  const own = await finish({ session, scope, handle, path, writer, cut: false, given, alongside });
  const seen = await watching;
  if (seen !== undefined && 'value' in seen) return { own: toAttributes(own), watched: toAttributes(seen.value.attributes) };
  if (isStatus(seen?.error, statusCode.NO_SUCH_FILE)) return { own: toAttributes(own), watched: undefined };
  throw isStatus(seen?.error) ? statusToRemoteError(seen.error, watched) : seen?.error;
}

/** Nothing is overwritten on a server that could not cut what an older, longer content leaves at the end. */
async function assureCut(session: Session, scope: Scope, handle: Handle): Promise<void> {
  if (session.cuts) return;
  const { size } = await session.fstat(scope, handle);
  const refused = await outcome(session.cut(scope, handle, size ?? 0));
  if (size !== undefined && 'value' in refused) return;
  if ('error' in refused && !isStatus(refused.error)) throw refused.error;
  throw new RemoteError('Unsupported', t('The server can’t cut a file to length, so it can’t be written in place.'));
}
