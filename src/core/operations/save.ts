import { RemoteError } from '../errors.ts';
import type { HostProfile, SaveMode } from '../host.ts';
import type { Remote } from '../remote.ts';
import type { Version } from './version.ts';

/** What outlives a crash of the editor while a file is saved. One for each host. A failure of the journal fails the save before the server's file is touched. */
export interface SaveJournal {
  /** `path` is about to be made on the server and is of no value: after a crash it may be removed. */
  addTemporary(path: string): Promise<void>;
  /** It is gone, or is no temporary any more. */
  removeTemporary(path: string): Promise<void>;
  /** Keeps both contents on this computer until `done`. `location` is said to the person when the worst happens. */
  keep(entry: KeptContent): Promise<{ readonly location: string; done(): Promise<void> }>;
}

export interface KeptContent {
  /** The file on the server that is about to be changed. */
  readonly path: string;
  /** What it holds before; undefined where that stays on the server, under the name `aside`. */
  readonly old: Uint8Array | undefined;
  readonly aside: string | undefined;
  readonly new: Uint8Array;
}

export interface SaveOptions {
  /** As in VS Code's `writeFile`: a missing file is made (else `NotFound`). */
  readonly create: boolean;
  /** With `create`, an existing file may be replaced (else `Exists`). */
  readonly overwrite: boolean;
  /** What the content is based on; undefined: nothing is known, no conflict is looked for. */
  readonly base?: Version | undefined;
  /** The person chose to overwrite what is there. */
  readonly ignoreConflict?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((bytes: number) => void) | undefined;
  readonly journal: SaveJournal;
  readonly saveMode: SaveMode;
  readonly profile: HostProfile;
  learn(facts: HostProfile): void;
}

/** The file is not what the content is based on. Nothing was written. */
export class ConflictError extends RemoteError {
  /** What is there now; undefined: it was deleted. */
  readonly theirs: Version | undefined;

  constructor(path: string, message: string, theirs: Version | undefined) {
    super('Conflict', message, { path });
    this.theirs = theirs;
  }
}

/** The link was lost at a moment when the server alone knows the outcome. */
export class UnsettledError extends RemoteError {
  /** Looks on a new connection, finishes or undoes what was begun. Can be repeated. Resolves once the new content is in place. */
  readonly settle: (remote: Remote, signal: AbortSignal | undefined) => Promise<Version>;

  constructor(reason: RemoteError, settle: UnsettledError['settle']) {
    super(reason.code, reason.message, {
      path: reason.path,
      host: reason.host,
      hint: reason.hint,
      retryable: false,
      dropsConnection: true,
      cause: reason,
    });
    this.settle = settle;
  }
}
