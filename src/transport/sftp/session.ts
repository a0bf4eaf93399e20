import type { Charset } from '../../core/charset.ts';
import { RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import type { Log } from '../../core/log.ts';
import { safeText } from '../../core/text.ts';
import { fileAttributeFields, readFileAttributes, type FileAttributes } from './fileAttributes.ts';
import type { HandleForecast } from './handleForecast.ts';
import { expectedHandle, type Handle, type Opening } from './handles.ts';
import { commonLimits, readLimits, type Limits } from './limits.ts';
import { ProtocolError, type Field, type PacketReader } from './packets.ts';
import { extension, openFlag, packetType, type ExtensionName, type RequestName } from './protocol.ts';
import { brokenProtocol, type Deadlines, type Requests } from './requests.ts';
import { expectEnd, expectOk, namePage, throwStatus, type NamePage } from './replies.ts';
import type { Scope } from './scope.ts';
import { StatusError } from './sftpErrors.ts';
import type { SideChannels } from './sideChannels.ts';

/** draft-ietf-secsh-filexfer-02 §6.2 */
const longestHandle = 256;
/** Longer than the path of any system (Linux: 4,096 bytes; Windows: 32,767 characters). */
const longestPath = 128 * 1024;

export interface FileSystemSpace {
  readonly available: number;
  readonly freeFiles: number;
  readonly readOnly: boolean;
}

export interface Ask {
  readonly patience?: keyof Deadlines;
  readonly lane?: 'bulk';
}

/** The requests of SFTP by name, each one round trip. They throw StatusErrors and, when call or connection end, RemoteErrors. */
export class Session {
  readonly #requests: Requests;
  readonly #charset: Charset;
  readonly #extensions: ReadonlySet<string>;
  readonly log: Log;
  limits: Limits = commonLimits;
  /** FSETSTAT of a size worked on this server. */
  cuts = false;
  /** Undefined on servers that may answer in another order than they were asked. */
  forecast: HandleForecast | undefined;
  /** Undefined where content goes over one channel only. */
  sides: SideChannels | undefined;

  constructor(requests: Requests, charset: Charset, extensions: ReadonlySet<string>, log: Log) {
    this.#requests = requests;
    this.#charset = charset;
    this.#extensions = extensions;
    this.log = log;
  }

  offers(name: ExtensionName): boolean {
    return this.#extensions.has(name);
  }

  /** Ends the connection for a reply that SFTP does not allow. */
  broken(cause: ProtocolError): RemoteError {
    const reason = brokenProtocol(cause);
    this.#requests.end(reason);
    return reason;
  }

  decode(name: Uint8Array): string {
    return this.#charset.decode(name);
  }

  open(scope: Scope, path: string, flags: number, mode?: number): Promise<Handle> {
    return this.#handle(scope, 'OPEN', path, [flags, ...fileAttributeFields({ permissions: mode })]);
  }

  /** Opens a file to read it. */
  openFile(scope: Scope, path: string): Opening {
    const expected = expectedHandle(this.forecast?.next('file'));
    return { expected, handle: this.open(scope, path, openFlag.READ) };
  }

  openFolder(scope: Scope, path: string): Opening {
    const expected = expectedHandle(this.forecast?.next('folder'));
    return { expected, handle: this.#handle(scope, 'OPENDIR', path, []) };
  }

  /** Not part of a scope when it ends one: nobody waits then, and a failure is only noted. */
  close(scope: Scope | undefined, handle: Handle, ask: Ask = {}): Promise<void> {
    handle.release();
    const change = this.forecast?.asksToClose(handle.bytes);
    const closing = this.#ask(scope, 'CLOSE', [handle.bytes], ask, (type, reply) => {
      if (change) this.forecast?.closed(change);
      expectOk(type, reply);
    });
    if (change) closing.catch(() => this.forecast?.drop(change));
    return closing;
  }

  /** Nobody waits for it. */
  closeQuietly(handle: Handle): void {
    this.close(undefined, handle).catch((error: unknown) => this.log.debug(`SFTP: CLOSE failed: ${String(error)}`));
  }

  /** Takes a released handle into the care of another call. */
  adopt(scope: Scope, handle: Handle): Handle {
    return this.#keep(scope, handle.bytes);
  }

  /** Undefined at the end of the file. May be shorter than `length`. */
  read(scope: Scope, handle: Handle, offset: number, length: number): Promise<Buffer | undefined> {
    return this.#ask(scope, 'READ', [handle.bytes, BigInt(offset), length], { patience: 'data' }, (type, reply) => {
      if (type !== packetType.DATA) {
        expectEnd(type, reply);
        return undefined;
      }
      const data = reply.string();
      if (data.length > length) throw new ProtocolError('more data than asked for');
      return data;
    });
  }

  write(scope: Scope, handle: Handle, offset: number, data: readonly Uint8Array[]): Promise<void> {
    return this.#done(scope, 'WRITE', [handle.bytes, BigInt(offset), data], { patience: 'data', lane: 'bulk' });
  }

  readFolder(scope: Scope, handle: Handle): Promise<NamePage | undefined> {
    return this.#ask(scope, 'READDIR', [handle.bytes], {}, (type, reply) => {
      if (type === packetType.NAME) return namePage(reply);
      expectEnd(type, reply);
      return undefined;
    });
  }

  stat(scope: Scope, path: string): Promise<FileAttributes> {
    return this.#attributes(scope, 'STAT', this.#path(path), {});
  }

  lstat(scope: Scope, path: string, ask: Ask = {}): Promise<FileAttributes> {
    return this.#attributes(scope, 'LSTAT', this.#path(path), ask);
  }

  fstat(scope: Scope, handle: Handle, ask: Ask = {}): Promise<FileAttributes> {
    return this.#attributes(scope, 'FSTAT', handle.bytes, ask);
  }

  setAttributes(scope: Scope, path: string, attributes: FileAttributes): Promise<void> {
    return this.#done(scope, 'SETSTAT', [this.#path(path), ...fileAttributeFields(attributes)]);
  }

  /** FSETSTAT */
  setOpenAttributes(scope: Scope, handle: Handle, attributes: FileAttributes, ask: Ask = {}): Promise<void> {
    return this.#done(scope, 'FSETSTAT', [handle.bytes, ...fileAttributeFields(attributes)], ask);
  }

  /** FSETSTAT of the size alone. */
  async cut(scope: Scope, handle: Handle, size: number, ask: Ask = {}): Promise<void> {
    await this.setOpenAttributes(scope, handle, { size }, ask);
    this.cuts = true;
  }

  mkdir(scope: Scope, path: string, mode?: number): Promise<void> {
    return this.#done(scope, 'MKDIR', [this.#path(path), ...fileAttributeFields({ permissions: mode })]);
  }

  remove(scope: Scope, path: string): Promise<void> {
    return this.#done(scope, 'REMOVE', [this.#path(path)]);
  }

  /** Removes a file that a call began and did not finish; nobody waits for it. */
  discard(path: string): void {
    this.#done(undefined, 'REMOVE', [this.#path(path)]).catch((error: unknown) =>
      this.log.warn(`SFTP: could not remove an unfinished file: ${String(error)}`),
    );
  }

  rmdir(scope: Scope, path: string): Promise<void> {
    return this.#done(scope, 'RMDIR', [this.#path(path)]);
  }

  rename(scope: Scope, from: string, to: string): Promise<void> {
    return this.#done(scope, 'RENAME', [this.#path(from), this.#path(to)]);
  }

  /** Both as sent; which of them is the link depends on the server. */
  symlink(scope: Scope, first: string, second: string): Promise<void> {
    return this.#done(scope, 'SYMLINK', [this.#path(first), this.#path(second)]);
  }

  readLink(scope: Scope, path: string, ask: Ask = {}): Promise<string> {
    return this.#singleName(scope, 'READLINK', path, ask);
  }

  realPath(scope: Scope, path: string): Promise<string> {
    return this.#singleName(scope, 'REALPATH', path, {});
  }

  posixRename(scope: Scope, from: string, to: string): Promise<void> {
    return this.#extended(scope, extension.posixRename, [this.#path(from), this.#path(to)]);
  }

  fsync(scope: Scope, handle: Handle): Promise<void> {
    return this.#extended(scope, extension.fsync, [handle.bytes], { patience: 'flush', lane: 'bulk' });
  }

  /** `length` bytes at the same offset of both files; fewer at the end of the source. */
  copyData(scope: Scope, from: Handle, to: Handle, offset: number, length: number): Promise<void> {
    const position = BigInt(offset);
    return this.#extended(scope, extension.copyData, [from.bytes, position, BigInt(length), to.bytes, position], { patience: 'flush' });
  }

  space(scope: Scope, path: string): Promise<FileSystemSpace> {
    const fields = [Buffer.from(extension.statvfs), this.#path(path)];
    return this.#ask(scope, 'EXTENDED', fields, {}, (type, reply) => {
      if (type !== packetType.EXTENDED_REPLY) return throwStatus(type, reply);
      const [, fragment = 0, , , available = 0, , , freeFiles = 0, , flags = 0] = Array.from({ length: 11 }, () => reply.uint64());
      return { available: Math.min(available * fragment, Number.MAX_SAFE_INTEGER), freeFiles, readOnly: flags % 2 === 1 };
    });
  }

  async askLimits(): Promise<void> {
    this.limits = await this.#ask(undefined, 'EXTENDED', [Buffer.from(extension.limits)], {}, (type, reply) =>
      type === packetType.EXTENDED_REPLY ? readLimits(reply) : throwStatus(type, reply),
    );
  }

  #path(path: string): Uint8Array {
    return this.#charset.encode(path);
  }

  #handle(scope: Scope, name: 'OPEN' | 'OPENDIR', path: string, fields: readonly Field[]): Promise<Handle> {
    const encoded = this.#path(path);
    const change = this.forecast?.asksToOpen(name === 'OPEN' ? 'file' : 'folder');
    const opening = this.#ask(scope, name, [encoded, ...fields], {}, (type, reply) => {
      if (type !== packetType.HANDLE) return throwStatus(type, reply);
      const bytes = reply.string();
      if (change) this.forecast?.opened(change, bytes);
      return this.#keep(scope, bytes);
    });
    if (change) opening.catch(() => this.forecast?.drop(change));
    return opening;
  }

  #keep(scope: Scope, bytes: Uint8Array): Handle {
    if (bytes.length > longestHandle) throw new ProtocolError(`a handle of ${bytes.length} bytes`);
    let release = () => {};
    const handle: Handle = { bytes: Uint8Array.from(bytes), release: () => release() };
    release = scope.defer(() => this.closeQuietly(handle));
    return handle;
  }

  #attributes(scope: Scope, name: 'STAT' | 'LSTAT' | 'FSTAT', of: Uint8Array, ask: Ask): Promise<FileAttributes> {
    return this.#ask(scope, name, [of], ask, (type, reply) =>
      type === packetType.ATTRS ? readFileAttributes(reply) : throwStatus(type, reply),
    );
  }

  #singleName(scope: Scope, name: 'READLINK' | 'REALPATH', path: string, ask: Ask): Promise<string> {
    return this.#ask(scope, name, [this.#path(path)], ask, (type, reply) => {
      if (type !== packetType.NAME) return throwStatus(type, reply);
      const page = namePage(reply);
      if (page.count !== 1) throw new ProtocolError(`${page.count} names in place of one`);
      const { name: path } = page.next();
      if (path.length > longestPath) throw new RemoteError('BadPath', t('The server gave a path of {0} bytes.', path.length));
      return this.decode(path);
    });
  }

  #extended(scope: Scope, name: ExtensionName, fields: readonly Field[], ask: Ask = {}): Promise<void> {
    return this.#done(scope, 'EXTENDED', [Buffer.from(name), ...fields], ask);
  }

  #done(scope: Scope | undefined, name: RequestName, fields: readonly Field[], ask: Ask = {}): Promise<void> {
    return this.#ask(scope, name, fields, ask, expectOk);
  }

  #ask<T>(
    scope: Scope | undefined,
    name: RequestName,
    fields: readonly Field[],
    ask: Ask,
    parse: (type: number, reply: PacketReader) => T,
  ): Promise<T> {
    const isData = name === 'READ' || name === 'WRITE' || name === 'READDIR';
    if (!isData && this.log.wantsTrace !== false) this.log.trace(`SFTP > ${name} ${fields.map(describeField).join(' ')}`);
    const traced = (type: number, reply: PacketReader) => {
      try {
        return parse(type, reply);
      } catch (error) {
        if (error instanceof StatusError) this.log.trace(`SFTP < ${name}: status ${error.status} ${error.message}`);
        throw error;
      }
    };
    return this.#requests.send({ type: packetType[name], fields, scope, parse: traced, ...ask });
  }
}

function describeField(field: Field): string {
  if (typeof field === 'number' || typeof field === 'bigint') return field.toString();
  const bytes = field instanceof Uint8Array ? Buffer.from(field) : Buffer.concat(field);
  return JSON.stringify(safeText(bytes.toString('utf8'), 1000));
}
