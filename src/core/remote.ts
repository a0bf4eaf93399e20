import type { RemoteError } from './errors.ts';
import type { Shell, ShellOptions } from './shell.ts';

export type Kind = 'file' | 'directory' | 'symlink' | 'other';

/** What a server tells of one entry. What it does not tell is undefined, never guessed. */
export interface Attributes {
  readonly kind: Kind;
  /** Bytes; 0 for folders. */
  readonly size: number;
  /** Milliseconds since the epoch, UTC; undefined where the server gives no time of known zone (an FTP LIST line). */
  readonly mtime: number | undefined;
  /** As `mtime`, from a LIST line whose zone the host's settings tell: minutes to a day off, to be shown and never compared. */
  readonly shownTime?: number | undefined;
  /** Permission bits, 0 to 0o7777. */
  readonly mode: number | undefined;
  /** Number or name, as the server gives it. */
  readonly owner: string | undefined;
  readonly group: string | undefined;
  /** Hard links. */
  readonly links: number | undefined;
  /** What a symbolic link holds, unresolved, where the reply that gave these attributes told it. */
  readonly target: string | undefined;
  /** Whether this login may change it, where the server says so itself (RFC 3659 `perm`); undefined: judge by `mode`. */
  readonly writable: boolean | undefined;
}

export interface Entry extends Attributes {
  /** Passed `isSafeName`; unsafe ones are left out of a listing and logged. */
  readonly name: string;
}

export interface Call {
  /** Aborting settles the call promptly with `Cancelled` (or the signal's RemoteError reason). */
  readonly signal?: AbortSignal | undefined;
  /** Bytes moved so far in this call. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

export interface ListCall extends Call {
  /** Names and kinds are all that counts: sizes may be told roughly, times and the rest not at all. Default false. */
  readonly briefly?: boolean | undefined;
}

export interface ChangeCall extends Call {
  /** Nobody needs to know why it was refused: no look at the server finds out then. Default false. */
  readonly unexplained?: boolean | undefined;
}

export interface RenameOptions extends Call {
  readonly replace: boolean;
  /**
   * With `replace`: both were just seen, by `lstat` or `Draft.fill`, to be files and no links, so that no look of the transport's own is
   * needed. Default false.
   */
  readonly areFiles?: boolean | undefined;
}

export interface ReadOptions extends Call {
  /** First byte; default 0. */
  readonly offset?: number | undefined;
  /** At most so many bytes; default: to the end. */
  readonly length?: number | undefined;
  /**
   * A chunk is only lent to the sink: its memory may be used again once what the sink returned has settled. Default false: it is the sink's
   * own.
   */
  readonly lent?: boolean | undefined;
}

/**
 * Content to upload: in memory, or a stream that can be read once. Who takes from the stream is done with a piece, or has a copy of it, when
 * asking for the next: its memory may be used again then.
 */
export type Content = Uint8Array | AsyncIterable<Uint8Array>;

export interface WriteOptions extends Call {
  /**
   * `create`: a new file, refused with `Exists` if there is one (where `facts.exclusiveCreate`; elsewhere a best effort look).
   * `truncate`: whatever is there is replaced by writing over it from the start.
   * `update`: an existing file is written from its first byte *without truncating first* and cut to length at the end
   * (SFTP `r+`); only where `facts.update`.
   */
  readonly disposition: 'create' | 'truncate' | 'update';
  /** With `create`: the folder is the caller's own, made a moment ago, so that nothing is there and no look is needed. Default false. */
  readonly isFree?: boolean | undefined;
  /** What is there after the writing broke off is to be of use to `Remote.resume`: no part goes ahead of an earlier one. Default false. */
  readonly inOrder?: boolean | undefined;
  /** Bytes that `content` is likely to be, where it does not say so itself. */
  readonly size?: number | undefined;
  /** Permission bits for a file that is created; the server's default where undefined. */
  readonly mode?: number | undefined;
  /** Of a file of which this is a copy: given to it, exactly, in the flight that confirms it, where `facts.copiesAttributes`; best effort. */
  readonly copied?: { readonly mode: number | undefined; readonly mtime: number | undefined } | undefined;
}

export interface FillOptions extends Call {
  /** Permission bits that the file gets once it holds its content, where the server lets this login set them. */
  readonly mode: number | undefined;
  /** A path whose entry is looked at in the same flight, after the file was closed. */
  readonly watched: string;
}

export interface Filled {
  /** The new file, all of it. */
  readonly own: Attributes;
  /** The entry itself at `FillOptions.watched`, seen after the server had the new file's last byte; undefined: there is none. */
  readonly watched: Attributes | undefined;
}

/** A new, empty file that is still open. It is its maker's to remove. */
export interface Draft {
  /** Resolves as `Remote.write` does. To be called once. */
  fill(content: Uint8Array, options: FillOptions): Promise<Filled>;
  /** Closes it instead; nobody waits for that. */
  abandon(): void;
}

/** What is fixed about this server and connection, known after connecting. */
export interface RemoteFacts {
  /** `rename(…, {replace: true})` replaces an existing file in one step on the server. */
  readonly atomicReplace: boolean;
  /** `write` with `create` fails on an existing file by the server's own doing. */
  readonly exclusiveCreate: boolean;
  /** `write` with `update` works. */
  readonly update: boolean;
  /** Smallest step of `mtime` from `stat`, in ms; undefined where the server tells none. */
  readonly mtimeResolution: number | undefined;
  /** How many calls make sense at once; 1: calls run one after another in the order they were made. */
  readonly parallel: number;
  /** How many of `mkdir`, `unlink`, `rmdir`, `chmod`, `setMtime` and looks make sense at once, in the order of the calls; default `parallel`. */
  readonly changesAtOnce?: number;
  /** Of a file whose writing `inOrder` broke off so many last bytes may have gaps; default 0. */
  readonly mayHaveGaps?: number;
  /** By the host's `verify`: the checksum of what is uploaded is compared, too, where the server tells one, and `resume` takes the whole content for that. */
  readonly comparesContent?: boolean;
  /** `write` heeds `copied`. */
  readonly copiesAttributes?: boolean;
  readonly caseSensitive: boolean;
  /** The folder that the login starts in, absolute. */
  readonly home: string;
  /** Plain words for tooltips and the doctor: software, protocol version, cipher. Server text in it is raw: `safeText` it. */
  readonly description: string;
  /** Extensions of SFTP that the server named, for the doctor; raw. */
  readonly extensions?: readonly string[];
}

/**
 * One live connection to one server. Every call may be made at any time, also while others run (where `facts.parallel` is 1 they
 * queue inside). Every call settles within its deadline; after the connection is lost all calls reject with the first reason.
 * Only RemoteErrors are thrown, with `path` set. Paths are absolute and normal (`core/path.ts`).
 * An optional method that is present is a capability of this very server.
 */
export interface Remote {
  readonly facts: RemoteFacts;

  /** Resolves once, with the first reason, when the connection is gone (also after `close`). Never rejects. */
  readonly closed: Promise<RemoteError>;

  /** Of what `path` leads to, symbolic links followed. `NotFound` for nothing there, also for a broken link. */
  stat(path: string, call?: Call): Promise<Attributes>;

  /** Of the entry itself; `kind` is `symlink` for a link. Where the protocol has no such call (FTP), the folder's listing answers. */
  lstat(path: string, call?: Call): Promise<Attributes>;

  /** All entries of a folder but `.` and `..`, dotfiles included, links as links. `NotFound`/`NotADirectory` — never an empty list for a missing folder. */
  list(path: string, call?: ListCall): Promise<readonly Entry[]>;

  /**
   * The bytes of a file, in order, each chunk awaited. Resolves with the count once *the server confirmed the end*, or ended it after
   * exactly the bytes of the size that it told; fewer than that is `Lost`, never a short success.
   */
  read(path: string, sink: (chunk: Uint8Array) => void | Promise<void>, options?: ReadOptions): Promise<number>;

  /**
   * Resolves once the server confirmed all (close acknowledged, flushed where it can, size read back and equal). `Corrupt` where
   * `facts.comparesContent` and the server's content is another: what is there is of no use then.
   */
  write(path: string, content: Content, options: WriteOptions): Promise<void>;

  /** `Exists` if anything is there. */
  mkdir(path: string, call?: Call & { readonly mode?: number | undefined }): Promise<void>;

  /** Removes a file or a link itself, never what it points to. */
  unlink(path: string, call?: Call): Promise<void>;

  /** Removes an empty folder; `NotEmpty` otherwise. Never recursive. */
  rmdir(path: string, call?: Call): Promise<void>;

  /**
   * With `replace` an existing *file* at `to` is replaced (atomically where `facts.atomicReplace`, else `Exists`: the caller
   * composes); without, an existing target is `Exists`.
   */
  rename(from: string, to: string, options: RenameOptions): Promise<void>;

  /** One round trip that proves the server answers. */
  ping(call?: Call): Promise<void>;

  /** Ends the connection; settles in bounded time, whatever the server does. */
  close(): Promise<void>;

  /**
   * Makes a new file for this login alone (mode 0600), so that it is there by the time that its content is wanted; `Exists` if anything is.
   * Where `parallel` is 1 it is only made by `fill`, with the mode that the server gives it. Present where calls made at once are one flight
   * and are answered in their order.
   */
  draft?(path: string, call?: Call): Promise<Draft>;
  /**
   * Goes on with a file that was seen there, written in part: `content` are its bytes from `offset` on (with `facts.comparesContent` all of
   * them, the first of which are not sent again), and reaches at least to where it ends.
   * Confirmed as by `write`; `onProgress` counts from `offset`. A failure that leaves the connection alive means: begin anew.
   */
  resume?(path: string, offset: number, content: Content, call?: Call): Promise<void>;
  chmod?(path: string, mode: number, call?: ChangeCall): Promise<void>;
  /** `group` as in `Attributes.group`. */
  chgrp?(path: string, group: string, call?: Call): Promise<void>;
  setMtime?(path: string, mtime: number, call?: ChangeCall): Promise<void>;
  readLink?(path: string, call?: Call): Promise<string>;
  /** Makes `link` hold `target`. */
  symlink?(target: string, link: string, call?: Call): Promise<void>;
  /** Copies one file on the server itself; `to` must not exist. */
  copyOnServer?(from: string, to: string, call?: Call): Promise<void>;
  /**
   * Of a file's content, lower-case hex, as the server tells it: in one round trip, present where reading takes more. Undefined where it tells
   * none of this file.
   */
  sha256?(path: string, call?: Call): Promise<string | undefined>;
  /** Bytes free to this login on the file system of `path`. */
  space?(path: string, call?: Call): Promise<number>;
  /** A shell on a terminal of its own, over the same connection, until it ends. `Unsupported` where this login gets none: nothing else needs one. */
  openShell?(options: ShellOptions): Promise<Shell>;
}
