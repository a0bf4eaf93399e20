import { basename, child } from '../../core/path.ts';
import type { Entry } from '../../core/remote.ts';
import { latin1Of, type ListedAttributes } from './listedEntry.ts';
import type { FtpSession } from './ftpSession.ts';
import { iac } from './survey.ts';
import type { Reply } from './reply.ts';
import { parseUnixLine } from './unixListing.ts';

/** So long, in ms, a path that led to a file is asked for as one without a look first. */
const fileTrust = 60_000;

/** So many paths are remembered. */
const capacity = 2000;

/** Replies without the file that SIZE told of, until STAT is given up. */
const maxMisses = 3;

/** Which paths led to files when last seen. It decides in which order is asked, never what is answered. */
export class SeenPaths {
  readonly #files = new Map<string, number | undefined>();

  note(path: string, isFile: boolean): void {
    this.#files.delete(path);
    this.#files.set(path, isFile ? performance.now() : undefined);
    if (this.#files.size <= capacity) return;
    for (const oldest of this.#files.keys()) {
      this.#files.delete(oldest);
      return;
    }
  }

  /** What a listing of `folder` told: a file of it that is looked at next is known for one. Of long ones it would push out all else. */
  noteListed(folder: string, entries: readonly Entry[]): void {
    if (entries.length > capacity / 2) return;
    for (const { name, kind } of entries) if (kind === 'file') this.note(child(folder, name), true);
  }

  forget(path: string): void {
    this.#files.delete(path);
  }

  noteMoved(from: string, to: string): void {
    const isFile = this.isFile(from);
    this.#files.delete(from);
    if (isFile === undefined) this.#files.delete(to);
    else this.note(to, isFile);
  }

  /** Undefined: not known. */
  isFile(path: string): boolean | undefined {
    if (!this.#files.has(path)) return undefined;
    const at = this.#files.get(path);
    if (at === undefined) return false;
    return performance.now() - at < fileTrust ? true : undefined;
  }
}

/**
 * STAT of one file (RFC 959 §4.1.3: its line of a listing, over the control connection): no data connection, no TLS handshake of its own.
 * Never of what may be a folder: its whole content would come. Undefined where the path can't be asked for that way.
 */
export function askStatus(session: FtpSession, path: string): Promise<Reply> | undefined {
  return canAsk(session, path) ? session.request('STAT -a', path) : undefined;
}

/** Whether `askStatus` may be tried: with a server that is known to show links as links there, and a name that is no pattern. */
export function canAsk({ features, habits, charset }: FtpSession, path: string): boolean {
  return (
    features.showsFilesByStatus &&
    habits.statusMisses < maxMisses &&
    path !== '/' &&
    !/[*?[\]{}\\]/.test(path) &&
    !latin1Of(charset.encode(path)).includes(iac)
  );
}

/** The line of `path`, or undefined where the reply does not hold exactly one that is a file's or a link's. */
export function fileInStatus(session: FtpSession, path: string, reply: Reply): ListedAttributes | undefined {
  const name = basename(path);
  const found = reply.lines.slice(1, -1).flatMap((line) => {
    const text = line.startsWith(' ') ? line.slice(1) : line;
    const entry = parseUnixLine({ bytes: Buffer.from(text, 'latin1'), text }, (bytes) => session.charset.decode(bytes));
    return entry && (entry.name === name || entry.name === path) ? [entry] : [];
  });
  const [entry] = found;
  const isClear = reply.code < 300 && found.length === 1 && (entry?.kind === 'file' || entry?.kind === 'symlink');
  session.habits.statusMisses = isClear ? 0 : session.habits.statusMisses + 1;
  return isClear ? entry : undefined;
}
