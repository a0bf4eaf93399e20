import { isRemoteError, RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import type { Call, Content, ReadOptions, WriteOptions } from '../../core/remote.ts';
import { giveBack } from '../slabReads.ts';
import { askForConfirmation, assertWhole, type NewFile } from './confirmation.ts';
import { type DataStream, worthCutting } from './dataStream.ts';
import type { FtpSession } from './ftpSession.ts';
import { exists, look, refusal, sizeOf } from './lookup.ts';
import { isNotImplemented, isFailure, type Reply } from './reply.ts';
import { transfer } from './transfer.ts';

type Sink = (chunk: Uint8Array) => void | Promise<void>;

/** Up to so many bytes a round trip at the end counts, and the way through routers that forget half-closed connections is short. */
const shortFile = 1024 * 1024;

/** RETR; SIZE goes in the same flight, or where no data connection waits, in that of the agreement on one. */
export async function read(session: FtpSession, path: string, sink: Sink, options: ReadOptions, signal: AbortSignal): Promise<number> {
  const { offset = 0, length = Infinity } = options;
  const { data, habits } = session;
  const sized = habits.size ? session.request('SIZE', path) : undefined;
  sized?.catch(() => {});
  const isAtOnce = sized !== undefined && offset === 0 && data.isReady;
  if (sized && !data.isReady) data.agree();
  let size = isAtOnce ? undefined : await sizeBefore(session, path, await sized, signal);
  const wanted = () => (size === undefined ? length : Math.min(length, Math.max(0, size - offset)));
  if (wanted() === 0) return 0;
  const outcome = await transfer(session, {
    line: session.line('RETR', path),
    before: offset > 0 ? [`REST ${offset}`] : [],
    signal,
    isWhole: (taken: number) => size !== undefined && offset + taken === size,
    isShort: async () => (size ?? sizeOf(await sized) ?? Infinity) <= shortFile,
    use: async (stream) => {
      if (isAtOnce) size = quickSize(session, path, await sized);
      return take(stream, sink, length, (size ?? Infinity) - offset, options);
    },
  });
  if ('refused' in outcome) throw await refusal(session, outcome.refused, path, 'read', signal);
  if (isAtOnce) size ??= await sizeBefore(session, path, await sized, signal);
  if (size !== undefined && outcome.value < wanted()) throw shortRead(outcome.value, wanted(), path);
  return outcome.value;
}

/** What SIZE tells at once, as it does of files only. */
function quickSize(session: FtpSession, path: string, reply: Reply | undefined): number | undefined {
  const size = sizeOf(reply);
  if (size !== undefined) session.seen.note(path, true);
  return size;
}

/** The size that is to come; undefined where the server tells none. Throws where the file can't be read at all. */
async function sizeBefore(session: FtpSession, path: string, reply: Reply | undefined, signal: AbortSignal): Promise<number | undefined> {
  const quick = quickSize(session, path, reply);
  if (quick !== undefined) return quick;
  if (reply && isNotImplemented(reply)) session.habits.size = false;
  else if (reply && isFailure(reply)) throw await refusal(session, reply, path, 'read', signal);
  const entry = await look(session, path, signal);
  return entry?.kind === 'file' && entry.exactSize ? entry.size : undefined;
}

/** A file may grow while it is read, but not for ever: beyond so many bytes more than twice what is due, what comes is no file. */
const growth = 16 * 1024 * 1024;

/** At most `length` bytes of the `due` that are to come, infinite where nobody knows. */
async function take(data: DataStream, sink: Sink, length: number, due: number, { lent, onProgress }: ReadOptions): Promise<number> {
  let taken = 0;
  let came = 0;
  for await (const chunk of data.chunks()) {
    came += chunk.byteLength;
    if (came > 2 * due + growth) throw endless();
    if (taken >= length) continue;
    const piece = chunk.byteLength > length - taken ? chunk.subarray(0, length - taken) : chunk;
    const taking = sink(piece);
    if (taking !== undefined) await taking;
    if (lent === true) giveBack(chunk);
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
  const isNew = isFree || ((disposition === 'create' || mode !== undefined) && (await isNothingAt(session, path, signal)));
  if (disposition === 'create' && !isNew)
    throw new RemoteError('Exists', t('There is already something of that name on the server.'), { path });
  await writeNew(session, path, content, { mode: isNew ? mode : undefined, mtime: copied?.mtime, onProgress, alongside: () => {} }, signal);
}

export interface NewContent<T> extends NewFile {
  readonly onProgress: ((bytes: number) => void) | undefined;
  /** Asks more in the flight of what confirms the upload; called again where that has to be sent again. */
  readonly alongside: () => T;
}

/**
 * STOR, and in one flight the size, which must be right, and what the file is given. Resolves with what `alongside` asked. Where a data
 * connection breaks and the control connection does not, what is held as a whole is sent once more.
 */
export async function writeNew<T>(
  session: FtpSession,
  path: string,
  content: Content,
  options: NewContent<T>,
  signal: AbortSignal,
): Promise<T> {
  const began = performance.now();
  try {
    return await writeOnce(session, path, content, options, signal);
  } catch (error) {
    // What stood still for long would do so again, and somebody waits.
    const isBreak =
      isRemoteError(error, 'Lost', 'Unreachable') && error.retryable && performance.now() - began < session.deadlines.data / 3;
    if (!isBreak || !(content instanceof Uint8Array) || session.control.reason || signal.aborted) throw error;
    session.log.debug(`Sent once more: ${error.message}`);
    return writeOnce(session, path, content, options, signal);
  }
}

async function writeOnce<T>(
  session: FtpSession,
  path: string,
  content: Content,
  { onProgress, alongside, ...given }: NewContent<T>,
  signal: AbortSignal,
): Promise<T> {
  const ask = () => ({ confirmation: askForConfirmation(session, path, given), more: alongside() });
  let asked: ReturnType<typeof ask> | undefined;
  const sent = await upload(session, path, content, { onProgress, signal, behind: () => (asked = ask()) });
  const { confirmation, more } = asked ?? ask();
  await assertWhole(session, path, sent, confirmation, signal);
  return more;
}

/** REST and STOR, and the size read back. */
export async function resume(
  session: FtpSession,
  path: string,
  offset: number,
  content: Content,
  { onProgress }: Call,
  signal: AbortSignal,
): Promise<void> {
  const sent = await upload(session, path, content, { onProgress, signal, behind: () => {}, offset });
  const given = { mode: undefined, mtime: undefined };
  await assertWhole(session, path, offset + sent, askForConfirmation(session, path, given), signal);
}

/** Whether nothing is at `path`; the agreement on a data connection goes in the same flight. */
async function isNothingAt(session: FtpSession, path: string, signal: AbortSignal): Promise<boolean> {
  const { data, features, habits } = session;
  const looking = exists(session, path, signal);
  // Elsewhere the folder is listed, which takes what was agreed.
  if (features.mlst || habits.size || habits.mdtm) data.agree();
  return !(await looking);
}

/** Content of at most so many bytes is sent before the server said that it is ready; where it is not, that much is sent for nothing. */
const smallContent = 256 * 1024;

interface Upload {
  /** Where in the file on the server it begins; default 0. */
  readonly offset?: number;
  readonly behind: () => void;
  readonly onProgress: ((bytes: number) => void) | undefined;
  readonly signal: AbortSignal;
}

/** STOR; resolves with the bytes that were sent. */
async function upload(
  session: FtpSession,
  path: string,
  content: Content,
  { behind, onProgress, signal, offset = 0 }: Upload,
): Promise<number> {
  let sent = 0;
  const counted = (bytes: number): void => {
    sent = bytes;
    onProgress?.(bytes);
  };
  const line = session.line('STOR', path);
  const sends = content instanceof Uint8Array && content.length <= smallContent && offset === 0 ? 'again' : 'once';
  const before = offset > 0 ? [`REST ${offset}`] : [];
  const outcome = await transfer(session, { line, before, sends, behind, signal, use: (data) => data.send(content, counted) });
  if ('refused' in outcome) throw await refusal(session, outcome.refused, path, 'write', signal);
  session.seen.note(path, true);
  return sent;
}
