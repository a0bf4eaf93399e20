import { RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import type { Content, Filled, FillOptions, WriteOptions } from '../../core/remote.ts';
import { toSeconds } from './changing.ts';
import { toAttributes, type FileAttributes } from './fileAttributes.ts';
import { Pace } from './pace.ts';
import { statusCode } from './protocol.ts';
import { isStatus, statusToRemoteError } from './sftpErrors.ts';
import { outcome, type Outcome, type Scope } from './scope.ts';
import type { Handle } from './handles.ts';
import type { Session } from './session.ts';

/** Bytes sent and not yet confirmed, at first and at most. */
const window = 2 * 1024 * 1024;
const mostInFlight = 4 * 1024 * 1024;
/** Until it is known how fast the line is: the answer to more may take longer than its deadline. */
const firstChunk = 32 * 1024;
/** A piece of so many bytes is sent as it is. */
const large = 64 * 1024;

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
  if (content instanceof Uint8Array) await writer.add(content);
  else for await (const piece of content) await writer.add(piece);
  await writer.flush();
  const given = options.copied && copiedAttributes(options.copied);
  await finish({ session, scope, handle, path, writer, cut: options.disposition === 'update', given, alongside: undefined });
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
  let watching: Promise<Outcome<FileAttributes>> | undefined;
  const alongside = () => void (watching = outcome(session.lstat(scope, watched, { lane: 'bulk' })));
  const own = await finish({ session, scope, handle, path, writer, cut: false, given, alongside });
  const seen = await watching;
  if (seen !== undefined && 'value' in seen) return { own: toAttributes(own), watched: toAttributes(seen.value) };
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

interface Finish {
  readonly session: Session;
  readonly scope: Scope;
  readonly handle: Handle;
  readonly path: string;
  readonly writer: FileWriter;
  readonly cut: boolean;
  /** Given to the file, where the server lets this login. */
  readonly given: FileAttributes | undefined;
  /** Makes requests that are to follow in the same flight. */
  readonly alongside: (() => void) | undefined;
}

/** The last WRITEs, the cut, fsync, the look at the size and CLOSE go out in one flight: servers keep the order for one handle. */
async function finish({ session, scope, handle, path, writer, cut, given, alongside }: Finish): Promise<FileAttributes> {
  const size = writer.length;
  const bulk = { lane: 'bulk' } as const;
  const cutting = cut ? outcome(session.cut(scope, handle, size, bulk)) : undefined;
  const giving = given && outcome(session.setOpenAttributes(scope, handle, given, bulk));
  const syncing = session.offers('fsync@openssh.com') ? outcome(session.fsync(scope, handle)) : undefined;
  const looking = outcome(session.fstat(scope, handle, bulk));
  const closing = outcome(session.close(scope, handle, { ...bulk, patience: 'flush' }));
  alongside?.();
  await writer.confirmed();
  if (cutting) throwError(await cutting);
  if (giving) throwError(await giving, isStatus);
  if (syncing)
    throwError(await syncing, (error) => isStatus(error, statusCode.OP_UNSUPPORTED, statusCode.BAD_MESSAGE, statusCode.PERMISSION_DENIED));
  const looked = await looking;
  throwError(await closing);
  return checkSize(session, scope, path, size, looked);
}

function throwError(result: Outcome<unknown>, ignore?: (error: unknown) => boolean): void {
  if ('error' in result && !ignore?.(result.error)) throw result.error;
}

/** A server with several workers may have looked before it wrote: then the closed file tells. */
async function checkSize(
  session: Session,
  scope: Scope,
  path: string,
  size: number,
  looked: Outcome<FileAttributes>,
): Promise<FileAttributes> {
  if ('error' in looked && !isStatus(looked.error)) throw looked.error;
  if ('value' in looked && looked.value.size === size) return looked.value;
  const closed = await session.stat(scope, path);
  const { size: found } = closed;
  if (found === undefined || found === size) return closed;
  throw new RemoteError('Lost', t('The server has {0} of {1} bytes after the upload.', found, size), {
    hint: t('Its disk may be full, or someone else writes this file too.'),
    dropsConnection: false,
  });
}

/** WRITEs in flight for one file. Small pieces are joined, large ones are cut. */
class FileWriter {
  readonly #session: Session;
  readonly #scope: Scope;
  readonly #handle: Handle;
  readonly #onProgress: WriteOptions['onProgress'];
  readonly #pace: Pace;
  #joined: Uint8Array[] = [];
  #joinedLength = 0;
  #unconfirmed = 0;
  #confirmedLength = 0;
  #failure: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;
  /** Bytes sent. */
  length = 0;

  constructor(session: Session, scope: Scope, handle: Handle, onProgress: WriteOptions['onProgress']) {
    this.#session = session;
    this.#scope = scope;
    this.#handle = handle;
    this.#onProgress = onProgress;
    const { write } = session.limits;
    this.#pace = new Pace({ window, most: mostInFlight, chunk: Math.min(firstChunk, write), mostChunk: write });
  }

  async add(piece: Uint8Array): Promise<void> {
    for (let at = 0; at < piece.length;) {
      const part = piece.subarray(at, at + Math.max(1, this.#pace.chunk - this.#joinedLength));
      const goes = part.length >= large || this.#joinedLength + part.length >= this.#pace.chunk;
      // Whoever gives a piece may use its memory again; what goes is sent before `add` resolves.
      this.#joined.push(goes ? part : part.slice());
      this.#joinedLength += part.length;
      at += part.length;
      if (goes) await this.flush();
    }
  }

  /** Sends what is joined so far, once there is room for it. */
  async flush(): Promise<void> {
    if (this.#unconfirmed >= this.#pace.window) this.#pace.starved();
    await this.#until(() => this.#unconfirmed < this.#pace.window);
    const length = this.#joinedLength;
    if (length === 0) return;
    const data = this.#joined.length === 1 ? (this.#joined[0] ?? new Uint8Array()) : Buffer.concat(this.#joined);
    this.#joined = [];
    this.#joinedLength = 0;
    this.#unconfirmed += length;
    const since = performance.now();
    const inFlight = this.#unconfirmed;
    this.#session.write(this.#scope, this.#handle, this.length, data).then(
      () => {
        this.#pace.answered(inFlight, performance.now() - since);
        this.#onConfirmed(length);
      },
      (error: unknown) => this.#onFailure(error),
    );
    this.length += length;
  }

  async confirmed(): Promise<void> {
    await this.#until(() => this.#unconfirmed === 0);
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!this.#failure && !condition()) await new Promise<void>((resolve) => (this.#wake = resolve));
    if (this.#failure) throw this.#failure.error;
  }

  #onConfirmed(length: number): void {
    this.#unconfirmed -= length;
    this.#confirmedLength += length;
    this.#onProgress?.(this.#confirmedLength);
    this.#wake?.();
  }

  #onFailure(error: unknown): void {
    this.#failure ??= { error };
    this.#wake?.();
  }
}
