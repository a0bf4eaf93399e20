import { abortError, RemoteError } from '../../src/core/errors.ts';
import { basename, contains } from '../../src/core/path.ts';
import type {
  Attributes,
  Call,
  Content,
  Draft,
  Entry,
  FillOptions,
  ReadOptions,
  Remote,
  RemoteFacts,
  RenameOptions,
  WriteOptions,
} from '../../src/core/remote.ts';
import { attributesOf, type Inode, MemoryServer } from './memoryServer.ts';

export { MemoryServer } from './memoryServer.ts';

export type Verb = Exclude<
  { [K in keyof Remote]-?: Required<Remote>[K] extends (...args: never[]) => unknown ? K : never }[keyof Remote],
  undefined
>;

export interface Step {
  readonly verb: Verb;
  readonly path: string;
  /** `middle`: half of the content is written or read. `after`: done, the reply under way. */
  readonly phase: 'before' | 'middle' | 'after';
  /** Of the call, as long as it can be aborted. */
  readonly signal: AbortSignal | undefined;
}

export interface MemoryOptions {
  readonly facts?: Partial<RemoteFacts>;
  /** Optional verbs that this server does not have. */
  readonly without?: readonly ('chmod' | 'chgrp' | 'setMtime' | 'readLink' | 'symlink' | 'copyOnServer' | 'space')[];
  /** Has `draft`. */
  readonly drafts?: boolean;
  /** `rename` with `replace` refuses an existing target. */
  readonly renameRefusesExisting?: boolean;
  /** Listings tell no owner, group, mode and links. */
  readonly terse?: boolean;
  /** Called at every step; what it throws is the step's outcome, and the connection's end where the error drops it. */
  onStep?(step: Step): void | Promise<void>;
}

/** A connection to a file system in memory that behaves as `Remote` says, without cleverness. */
export class MemoryRemote implements Remote {
  readonly facts: RemoteFacts;
  readonly closed: Promise<RemoteError>;
  /** Every verb begun, in order. */
  readonly calls: string[] = [];
  readonly server: MemoryServer;
  draft?: NonNullable<Remote['draft']>;
  chmod?: NonNullable<Remote['chmod']>;
  chgrp?: NonNullable<Remote['chgrp']>;
  setMtime?: NonNullable<Remote['setMtime']>;
  readLink?: NonNullable<Remote['readLink']>;
  symlink?: NonNullable<Remote['symlink']>;
  copyOnServer?: NonNullable<Remote['copyOnServer']>;
  space?: NonNullable<Remote['space']>;
  readonly #options: MemoryOptions;
  readonly #end: (reason: RemoteError) => void;
  #ended: RemoteError | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(server: MemoryServer = new MemoryServer(), options: MemoryOptions = {}) {
    this.server = server;
    this.#options = options;
    this.facts = {
      atomicReplace: options.renameRefusesExisting !== true,
      exclusiveCreate: true,
      update: true,
      mtimeResolution: 1000,
      parallel: 8,
      caseSensitive: true,
      home: '/',
      description: 'memory',
      ...options.facts,
    };
    const { promise, resolve } = Promise.withResolvers<RemoteError>();
    this.closed = promise;
    this.#end = (reason) => {
      this.#ended ??= reason;
      resolve(this.#ended);
    };
    this.#addCapabilities(new Set(options.without));
    if (options.drafts === true) this.draft = (path, call = {}) => this.#draft(path, call);
  }

  /** The link is cut. */
  drop(reason: RemoteError = new RemoteError('Lost', 'The link was cut.')): void {
    this.#end(reason);
  }

  stat(path: string, call: Call = {}): Promise<Attributes> {
    return this.#call('stat', path, call, () => this.#attributes(this.#at(path, true)));
  }

  lstat(path: string, call: Call = {}): Promise<Attributes> {
    return this.#call('lstat', path, call, () => this.#attributes(this.#at(path, false)));
  }

  list(path: string, call: Call = {}): Promise<readonly Entry[]> {
    return this.#call('list', path, call, () => {
      const folder = this.#at(path, true);
      if (folder.kind !== 'directory') throw new RemoteError('NotADirectory', 'Not a folder.', { path });
      return [...folder.children].map(([name, inode]) => ({ ...this.#attributes(inode), name }));
    });
  }

  read(path: string, sink: (chunk: Uint8Array) => void | Promise<void>, options: ReadOptions = {}): Promise<number> {
    return this.#call('read', path, options, async () => {
      const inode = this.#at(path, true);
      if (inode.kind !== 'file') throw new RemoteError('IsADirectory', 'Not a file.', { path });
      const { offset = 0, length = Infinity } = options;
      const bytes = inode.bytes.slice(offset, Math.min(inode.bytes.length, offset + length));
      const half = Math.ceil(bytes.length / 2);
      if (half > 0) await sink(bytes.slice(0, half));
      options.onProgress?.(half);
      await this.#step('read', path, 'middle', options.signal);
      if (half < bytes.length) await sink(bytes.slice(half));
      options.onProgress?.(bytes.length);
      return bytes.length;
    });
  }

  write(path: string, content: Content, options: WriteOptions): Promise<void> {
    return this.#call('write', path, options, () => this.#put(this.#open(path, options), path, content, options));
  }

  resume(path: string, offset: number, content: Content, options: Call = {}): Promise<void> {
    return this.#call('resume', path, options, async () => {
      const inode = this.#open(path, { disposition: 'update' });
      const rest = new MemoryRemote(new MemoryServer());
      await rest.write('/rest', content, { ...options, disposition: 'create' });
      inode.bytes = Buffer.concat([inode.bytes.subarray(0, offset), rest.server.find('/rest', false)!.bytes]);
    });
  }

  mkdir(path: string, options: Call & { readonly mode?: number | undefined } = {}): Promise<void> {
    return this.#call('mkdir', path, options, () => {
      this.#add(path, this.server.make('directory', options.mode ?? 0o755));
    });
  }

  unlink(path: string, call: Call = {}): Promise<void> {
    return this.#call('unlink', path, call, () => {
      const inode = this.#at(path, false);
      if (inode.kind === 'directory') throw new RemoteError('IsADirectory', 'A folder.', { path });
      this.#writable(path).children.delete(basename(path));
      inode.links -= 1;
    });
  }

  rmdir(path: string, call: Call = {}): Promise<void> {
    return this.#call('rmdir', path, call, () => {
      const inode = this.#at(path, false);
      if (inode.kind !== 'directory') throw new RemoteError('NotADirectory', 'Not a folder.', { path });
      if (inode.children.size > 0) throw new RemoteError('NotEmpty', 'Not empty.', { path });
      this.#writable(path).children.delete(basename(path));
    });
  }

  rename(from: string, to: string, options: RenameOptions): Promise<void> {
    return this.#call('rename', from, options, () => {
      const inode = this.#at(from, false);
      const existing = this.server.find(to, false);
      const mayReplace = options.replace && this.#options.renameRefusesExisting !== true && existing?.kind !== 'directory';
      if (existing !== undefined && !mayReplace) throw new RemoteError('Exists', 'There is something.', { path: to });
      if (inode.kind === 'directory' && contains(from, to)) throw new RemoteError('BadPath', 'Into itself.', { path: to });
      this.#writable(to).children.set(basename(to), inode);
      this.#writable(from).children.delete(basename(from));
      if (existing !== undefined) existing.links -= 1;
    });
  }

  ping(call: Call = {}): Promise<void> {
    return this.#call('ping', '/', call, () => {});
  }

  close(): Promise<void> {
    this.#end(new RemoteError('Lost', 'The connection was closed.'));
    return Promise.resolve();
  }

  #draft(path: string, call: Call): Promise<Draft> {
    return this.#call('draft', path, call, () => {
      const make = () => this.#open(path, { disposition: 'create', mode: 0o600 });
      // Where one thing at a time is done, no file is made without its content.
      const made = this.facts.parallel > 1 ? make() : undefined;
      if (made === undefined && this.server.find(path, false)) throw new RemoteError('Exists', 'There is something.', { path });
      const fill = async (content: Uint8Array, options: FillOptions) => {
        const inode = made ?? make();
        await this.#put(inode, path, content, options);
        if (options.mode !== undefined) inode.mode = options.mode & 0o777;
        const seen = this.server.find(options.watched, false);
        return { own: this.#attributes(inode), watched: seen === undefined ? undefined : this.#attributes(seen) };
      };
      return { fill: (content, options) => this.#call('write', path, options, () => fill(content, options)), abandon: () => {} };
    });
  }

  async #put(inode: Inode, path: string, content: Content, { signal, onProgress }: Call): Promise<void> {
    let written = 0;
    const put = (chunk: Uint8Array) => {
      if (written + chunk.length > (this.server.capacity ?? Infinity)) throw new RemoteError('NoSpace', 'The disk is full.', { path });
      const grown = new Uint8Array(Math.max(inode.bytes.length, written + chunk.length));
      grown.set(inode.bytes);
      grown.set(chunk, written);
      inode.bytes = grown;
      inode.mtime = this.server.tick();
      written += chunk.length;
      onProgress?.(written);
    };
    if (content instanceof Uint8Array) {
      const half = Math.ceil(content.length / 2);
      put(content.subarray(0, half));
      await this.#step('write', path, 'middle', signal);
      put(content.subarray(half));
    } else for await (const chunk of content) put(chunk);
    inode.bytes = inode.bytes.slice(0, written);
  }

  #addCapabilities(without: ReadonlySet<string>): void {
    const has = (verb: string) => !without.has(verb);
    const change = (verb: Verb, path: string, call: Call | undefined, set: (inode: Inode) => void) =>
      this.#call(verb, path, call ?? {}, () => set(this.#at(path, true)));
    if (has('chmod')) this.chmod = (path, mode, call) => change('chmod', path, call, (inode) => (inode.mode = mode));
    if (has('chgrp')) this.chgrp = (path, group, call) => change('chgrp', path, call, (inode) => (inode.group = group));
    if (has('setMtime')) this.setMtime = (path, mtime, call) => change('setMtime', path, call, (inode) => (inode.mtime = mtime));
    if (has('readLink')) this.readLink = (path, call = {}) => this.#call('readLink', path, call, () => this.#at(path, false).target);
    if (has('space')) this.space = (path, call = {}) => this.#call('space', path, call, () => this.server.capacity ?? 1e12);
    if (has('symlink'))
      this.symlink = (target, link, call = {}) =>
        this.#call('symlink', link, call, () => {
          const inode = this.server.make('symlink', 0o777);
          inode.target = target;
          this.#add(link, inode);
        });
    if (has('copyOnServer'))
      this.copyOnServer = (from, to, call = {}) =>
        this.#call('copyOnServer', from, call, () => {
          const copy = this.server.make('file', 0o644);
          copy.bytes = this.#at(from, true).bytes;
          this.#add(to, copy);
        });
  }

  #at(path: string, follow: boolean): Inode {
    const inode = this.server.find(path, follow);
    if (inode === undefined) throw new RemoteError('NotFound', 'No such file.', { path });
    return inode;
  }

  #writable(path: string): Inode {
    const folder = this.server.folderOf(path);
    if ((folder.mode & 0o200) === 0) throw new RemoteError('Denied', 'The folder is read-only.', { path });
    return folder;
  }

  #add(path: string, inode: Inode): void {
    if (this.server.find(path, false) !== undefined) throw new RemoteError('Exists', 'There is something.', { path });
    this.#writable(path).children.set(basename(path), inode);
  }

  #open(path: string, { disposition, mode = 0o644 }: WriteOptions): Inode {
    const existing = this.server.find(path, disposition !== 'create');
    if (existing !== undefined && disposition === 'create') throw new RemoteError('Exists', 'There is something.', { path });
    if (existing === undefined) {
      if (disposition === 'update') throw new RemoteError('NotFound', 'No such file.', { path });
      const inode = this.server.make('file', mode);
      this.#add(path, inode);
      return inode;
    }
    if (existing.kind !== 'file') throw new RemoteError('IsADirectory', 'Not a file.', { path });
    if ((existing.mode & 0o200) === 0) throw new RemoteError('Denied', 'Read-only.', { path });
    if (disposition === 'truncate') existing.bytes = new Uint8Array();
    return existing;
  }

  #attributes(inode: Inode): Attributes {
    return attributesOf(inode, this.#options.terse === true);
  }

  async #call<T>(verb: Verb, path: string, { signal }: Call, task: () => T | Promise<T>): Promise<T> {
    const mine = async () => {
      this.calls.push(`${verb} ${path}`);
      await this.#step(verb, path, 'before', signal);
      const result = await task();
      await this.#step(verb, path, 'after', undefined);
      return result;
    };
    if (this.facts.parallel > 1) return mine();
    const result = this.#turn.then(mine);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async #step(verb: Verb, path: string, phase: Step['phase'], signal: AbortSignal | undefined): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    if (signal?.aborted === true) throw abortError(signal);
    if (this.#ended !== undefined) throw this.#ended.with({ path });
    try {
      await this.#options.onStep?.({ verb, path, phase, signal });
    } catch (error) {
      if (error instanceof RemoteError && error.dropsConnection) this.#end(error);
      throw error;
    }
  }
}
