import { constants, ReadStream, type Stats, type WriteStream } from 'node:fs';
import { lstat, mkdir, open, readdir, rename, rmdir, stat, unlink, chmod } from 'node:fs/promises';
import { posix } from 'node:path';
import type { ConfinedFolder } from './confinedFolder.ts';

/** What ftp-srv shows of an entry; `line` is the whole line of a LIST. */
export type FtpEntry = Omit<Stats, 'size'> & { readonly name: string; readonly target: string | undefined; readonly size: string };

interface FtpStream<Stream> {
  readonly stream: Stream;
  /** For the reply's text. */
  readonly clientPath: string;
}

/**
 * The file system that ftp-srv serves a session from. Its own one follows links, hides broken ones, takes a backslash for a slash, makes
 * folders that exist, truncates what is to be resumed and tells an empty file's size as text; this one does what other servers do.
 */
export class FtpFiles {
  /** The command being answered, upper-case: ftp-srv calls `delete` for DELE and RMD alike. */
  directive = '';
  #cwd = '/';
  readonly #streams = new Set<ReadStream | WriteStream>();
  readonly #folder: ConfinedFolder;

  constructor(folder: ConfinedFolder) {
    this.#folder = folder;
  }

  currentDirectory(): string {
    return this.#cwd;
  }

  async get(name: string): Promise<FtpEntry> {
    const path = this.#path(name);
    /* A link is renamed itself, also a broken one. */
    const stats = this.directive === 'RNFR' ? await lstat(await this.#folder.entry(path)) : await stat(await this.#folder.followed(path));
    return this.#entry(name, stats);
  }

  async list(name = '.'): Promise<FtpEntry[]> {
    const path = this.#path(name);
    const entries = await readdir(await this.#folder.followed(path));
    return Promise.all(
      entries.map(async (entry) => {
        const child = posix.join(path, entry);
        const stats = await lstat(await this.#folder.entry(child));
        return this.#entry(entry, stats, stats.isSymbolicLink() ? await this.#folder.readTarget(child) : undefined);
      }),
    );
  }

  async chdir(name = '.'): Promise<string> {
    const path = this.#path(name);
    if (!(await stat(await this.#folder.followed(path))).isDirectory()) throw new Error('Not a directory');
    this.#cwd = path;
    return path;
  }

  async write(name: string, { append = false, start }: { append?: boolean; start?: number } = {}): Promise<FtpStream<WriteStream>> {
    const path = this.#path(name);
    const local = await this.#folder.followed(path).catch(() => this.#folder.entry(path));
    const resumed = start === undefined ? constants.O_TRUNC : 0;
    const file = await open(local, constants.O_WRONLY | constants.O_CREAT | (append ? constants.O_APPEND : resumed));
    const stream = file.createWriteStream(start === undefined ? {} : { start });
    /* ftp-srv ends the stream by emitting its `close`. */
    stream.once('close', () => stream.end());
    return this.#kept({ stream, clientPath: path });
  }

  async read(name: string, { start }: { start?: number } = {}): Promise<FtpStream<ReadStream>> {
    const path = this.#path(name);
    const file = await open(await this.#folder.followed(path), 'r');
    if ((await file.stat()).isDirectory()) {
      await file.close();
      throw new Error('Is a directory');
    }
    return this.#kept({ stream: file.createReadStream({ start: start ?? 0 }), clientPath: path });
  }

  /** When the session ends: ftp-srv forgets the file of a transfer that broke. */
  close(): void {
    for (const stream of this.#streams) stream.destroy();
  }

  /** When a client takes no more of a file: ftp-srv would wait for ever to send the rest. */
  stopReading(): void {
    for (const stream of this.#streams) if (stream instanceof ReadStream) stream.destroy(new Error('The data connection was closed'));
  }

  async delete(name: string): Promise<void> {
    const local = await this.#folder.entry(this.#path(name));
    const isFolder = (await lstat(local)).isDirectory();
    if (this.directive.endsWith('RMD')) await rmdir(local);
    else if (isFolder) throw new Error('Is a directory');
    else await unlink(local);
  }

  async mkdir(name: string): Promise<string> {
    const path = this.#path(name);
    await mkdir(await this.#folder.entry(path));
    return path;
  }

  async rename(from: string, to: string): Promise<void> {
    await rename(await this.#folder.entry(this.#path(from)), await this.#folder.entry(this.#path(to)));
  }

  async chmod(name: string, mode: string | number): Promise<void> {
    await chmod(await this.#folder.followed(this.#path(name)), mode);
  }

  getUniqueName(): string {
    return crypto.randomUUID();
  }

  #kept<Stream extends ReadStream | WriteStream>(opened: FtpStream<Stream>): FtpStream<Stream> {
    const { stream } = opened;
    const events: NodeJS.EventEmitter = stream;
    const forget = (): void => void this.#streams.delete(stream);
    this.#streams.add(stream);
    /* Not `close`: ftp-srv emits that of its own. */
    events.once('end', forget).once('finish', forget);
    return opened;
  }

  #path(name: string): string {
    return posix.resolve('/', this.#cwd, name);
  }

  /** The size is text because ftp-srv takes a 0 for nothing to say. */
  #entry(name: string, stats: Stats, target?: string): FtpEntry {
    return Object.assign(Object.create(stats) as Omit<Stats, 'size'>, { name, target, size: String(stats.size) });
  }
}
