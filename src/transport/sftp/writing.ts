import { RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import type { Content, WriteOptions } from '../../core/remote.ts';
import type { FileAttributes } from './fileAttributes.ts';
import { statusCode } from './protocol.ts';
import { isStatus } from './sftpErrors.ts';
import { outcome, type Outcome, type Scope } from './scope.ts';
import type { Handle, Session } from './session.ts';

/** Bytes sent and not yet confirmed. */
const window = 2 * 1024 * 1024;

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
  await finish(session, scope, handle, path, writer, options.disposition === 'update');
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

/** The last WRITEs, the cut, fsync, the look at the size and CLOSE go out in one flight: servers keep the order for one handle. */
async function finish(session: Session, scope: Scope, handle: Handle, path: string, writer: FileWriter, cut: boolean): Promise<void> {
  const size = writer.length;
  const cutting = cut ? outcome(session.cut(scope, handle, size, { lane: 'bulk' })) : undefined;
  const syncing = session.offers('fsync@openssh.com') ? outcome(session.fsync(scope, handle)) : undefined;
  const looking = outcome(session.fstat(scope, handle, { lane: 'bulk' }));
  const closing = outcome(session.close(scope, handle, { lane: 'bulk', patience: 'flush' }));
  await writer.confirmed();
  if (cutting) throwError(await cutting);
  if (syncing)
    throwError(await syncing, (error) => isStatus(error, statusCode.OP_UNSUPPORTED, statusCode.BAD_MESSAGE, statusCode.PERMISSION_DENIED));
  const looked = await looking;
  throwError(await closing);
  await checkSize(session, scope, path, size, looked);
}

function throwError(result: Outcome<unknown>, ignore?: (error: unknown) => boolean): void {
  if ('error' in result && !ignore?.(result.error)) throw result.error;
}

/** A server with several workers may have looked before it wrote: then the closed file tells. */
async function checkSize(session: Session, scope: Scope, path: string, size: number, looked: Outcome<FileAttributes>): Promise<void> {
  if ('error' in looked && !isStatus(looked.error)) throw looked.error;
  if ('value' in looked && looked.value.size === size) return;
  const { size: found } = await session.stat(scope, path);
  if (found === undefined || found === size) return;
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
  readonly #chunk: number;
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
    this.#chunk = session.limits.write;
  }

  async add(piece: Uint8Array): Promise<void> {
    for (let at = 0; at < piece.length;) {
      const part = piece.subarray(at, at + this.#chunk - this.#joinedLength);
      // Whoever gives a piece may use its memory again; a whole chunk is sent before `add` resolves.
      this.#joined.push(part.length === this.#chunk ? part : part.slice());
      this.#joinedLength += part.length;
      at += part.length;
      if (this.#joinedLength === this.#chunk) await this.flush();
    }
  }

  /** Sends what is joined so far, once there is room for it. */
  async flush(): Promise<void> {
    await this.#until(() => this.#unconfirmed < window);
    const length = this.#joinedLength;
    if (length === 0) return;
    const data = this.#joined.length === 1 ? (this.#joined[0] ?? new Uint8Array()) : Buffer.concat(this.#joined);
    this.#joined = [];
    this.#joinedLength = 0;
    this.#unconfirmed += length;
    this.#session.write(this.#scope, this.#handle, this.length, data).then(
      () => this.#onConfirmed(length),
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
