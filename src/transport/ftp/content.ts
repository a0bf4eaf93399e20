import { RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import type { Content, ReadOptions, WriteOptions } from '../../core/remote.ts';
import { askForConfirmation, assertWhole } from './confirmation.ts';
import type { Opening } from './dataConnections.ts';
import type { DataStream } from './dataStream.ts';
import type { FtpSession } from './ftpSession.ts';
import { exists, look, refusal, sizeOf } from './lookup.ts';
import { isNotImplemented, isFailure } from './reply.ts';
import { transfer } from './transfer.ts';

type Sink = (chunk: Uint8Array) => void | Promise<void>;

/** RETR, with SIZE and the agreement on the data connection in one flight before it. */
export async function read(session: FtpSession, path: string, sink: Sink, options: ReadOptions, signal: AbortSignal): Promise<number> {
  const { offset = 0, length = Infinity, onProgress } = options;
  const mode = session.data.modes()[0];
  const sized = session.habits.size ? session.request('SIZE', path) : undefined;
  const opening = mode && sized && session.data.prepare(mode);
  opening?.catch(() => {});
  try {
    const quick = sizeOf(sized && (await sized));
    if (quick !== undefined) session.seen.note(path, true);
    const size = quick ?? (await sizeBefore(session, path, sized && (await sized), signal));
    const wanted = size === undefined ? length : Math.min(length, Math.max(0, size - offset));
    if (wanted === 0) return 0;
    const outcome = await transfer(
      session,
      {
        line: session.line('RETR', path),
        before: offset > 0 ? [`REST ${offset}`] : [],
        signal,
        use: (data) => take(data, sink, length, (size ?? Infinity) - offset, onProgress),
      },
      // What was asked in between may have used it up: a server keeps one data connection ready.
      quick === undefined ? undefined : opening,
    );
    if ('refused' in outcome) throw await refusal(session, outcome.refused, path, 'read', signal);
    if (size !== undefined && outcome.value < wanted) throw shortRead(outcome.value, wanted, path);
    return outcome.value;
  } finally {
    (await opening?.catch(() => undefined))?.cancel();
  }
}

/** The size that is to come; undefined where the server tells none. Throws where the file can't be read at all. */
async function sizeBefore(
  session: FtpSession,
  path: string,
  reply: Awaited<ReturnType<FtpSession['request']>> | undefined,
  signal: AbortSignal,
): Promise<number | undefined> {
  if (reply && isNotImplemented(reply)) session.habits.size = false;
  else if (reply && isFailure(reply)) throw await refusal(session, reply, path, 'read', signal);
  const entry = await look(session, path, signal);
  return entry?.kind === 'file' && entry.exactSize ? entry.size : undefined;
}

/** A rest of at most so many bytes is let come and dropped: some servers end the control connection too when a transfer is cut off. */
const worthCutting = 1024 * 1024;

/** A file may grow while it is read, but not for ever: beyond so many bytes more than twice what is due, what comes is no file. */
const growth = 16 * 1024 * 1024;

/** At most `length` bytes of the `due` that are to come, infinite where nobody knows. */
async function take(data: DataStream, sink: Sink, length: number, due: number, onProgress?: (bytes: number) => void): Promise<number> {
  let taken = 0;
  let came = 0;
  for await (const chunk of data.chunks()) {
    came += chunk.byteLength;
    if (came > 2 * due + growth) throw endless();
    if (taken >= length) continue;
    const piece = chunk.byteLength > length - taken ? chunk.subarray(0, length - taken) : chunk;
    await sink(piece);
    taken += piece.byteLength;
    onProgress?.(taken);
    if (taken >= length && due - length > worthCutting) {
      data.cut = true;
      break;
    }
  }
  return taken;
}

function endless(): RemoteError {
  return new RemoteError('Lost', t('The server sends more and more, although it told a size.'), { retryable: false });
}

function shortRead(received: number, wanted: number, path: string): RemoteError {
  return new RemoteError('Lost', t('Only {0} of {1} bytes arrived, although the server said that this was all.', received, wanted), {
    path,
  });
}

/** STOR, and the size read back. */
export async function write(
  session: FtpSession,
  path: string,
  content: Content,
  options: WriteOptions,
  signal: AbortSignal,
): Promise<void> {
  const { disposition, mode, isFree = false, copied, onProgress } = options;
  if (disposition === 'update') throw new RemoteError('Unsupported', t('FTP can’t change a file without emptying it first.'), { path });
  const { isNew, opening } = isFree
    ? { isNew: true, opening: undefined }
    : await prepareUpload(session, path, disposition === 'create' || mode !== undefined, signal);
  try {
    if (disposition === 'create' && !isNew)
      throw new RemoteError('Exists', t('There is already something of that name on the server.'), { path });
    const sent = await upload(session, path, content, { opening, onProgress, signal });
    const given = { mode: isNew ? mode : undefined, mtime: copied?.mtime };
    await assertWhole(session, path, sent, askForConfirmation(session, path, given), signal);
  } finally {
    (await opening?.catch(() => undefined))?.cancel();
  }
}

/** Whether nothing is at `path`, where that counts, and the agreement on a data connection in the same flight. */
async function prepareUpload(
  session: FtpSession,
  path: string,
  counts: boolean,
  signal: AbortSignal,
): Promise<{ readonly isNew: boolean; readonly opening: Promise<Opening> | undefined }> {
  if (!counts) return { isNew: false, opening: undefined };
  const { data, features, habits } = session;
  const mode = data.modes()[0];
  const looking = exists(session, path, signal);
  looking.catch(() => {});
  const opening = mode && (features.mlst || habits.size || habits.mdtm) ? data.prepare(mode) : undefined;
  opening?.catch(() => {});
  try {
    const isNew = !(await looking);
    if (features.mlst || habits.size || habits.mdtm) return { isNew, opening };
    // The folder was listed: a server keeps one data connection ready, and that was it.
    (await opening?.catch(() => undefined))?.cancel();
    return { isNew, opening: undefined };
  } catch (error) {
    (await opening?.catch(() => undefined))?.cancel();
    throw error;
  }
}

interface Upload {
  readonly opening: Promise<Opening> | undefined;
  readonly onProgress: ((bytes: number) => void) | undefined;
  readonly signal: AbortSignal;
}

/** STOR; resolves with the bytes that were sent. */
async function upload(session: FtpSession, path: string, content: Content, { opening, onProgress, signal }: Upload): Promise<number> {
  let sent = 0;
  const counted = (bytes: number): void => {
    sent = bytes;
    onProgress?.(bytes);
  };
  const line = session.line('STOR', path);
  const outcome = await transfer(session, { line, sends: true, signal, use: (data) => data.send(content, counted) }, opening);
  if ('refused' in outcome) throw await refusal(session, outcome.refused, path, 'write', signal);
  session.seen.note(path, true);
  return sent;
}
