/** A secret that another tool keeps in its file. It goes to the keychain, if the person wants it, and nowhere else: no message or log ever holds `value`. */
export interface ImportedSecret {
  readonly kind: 'password' | 'passphrase';
  readonly value: string;
  /** The key file that a passphrase opens, as in the host's `privateKeys`. */
  readonly file?: string | undefined;
  /** Whose it is where that is not the host itself but a jump host (`sftp`) or a proxy (its kind) on the way. */
  readonly owner?: { readonly protocol: string; readonly user: string; readonly address: string; readonly port: number } | undefined;
  /** Where it can be taken out of its file; undefined where it can't. */
  readonly place?: SecretPlace | undefined;
}

export type SecretPlace = JsonPlace | TextPlace;

/** Where a secret is in a JSON file, and what may stand there instead. */
export interface JsonPlace {
  readonly path: JsonPath;
  /** `nothing`: the tool asks where the key is missing. `true`: it asks where that stands there. */
  readonly instead: 'nothing' | 'true';
}

/** Where it is in a text of another kind. */
export interface TextPlace {
  /** All of them belong together. */
  readonly cuts: readonly TextCut[];
}

/** A piece of a text, without a byte order mark, and what may stand there instead. */
export interface TextCut {
  readonly at: number;
  readonly was: string;
  readonly becomes: string;
}

/** Keys and indices from the outermost value on. */
export type JsonPath = readonly (string | number)[];

/** A host of another tool in Ferry's terms. */
export interface ImportedHost {
  /** As that tool calls it; raw: `safeText` it. */
  readonly label: string;
  /** The folders that it is in there, the outermost first; raw. */
  readonly folders: readonly string[];
  /** As in `ferry.hosts`, with `protocol` and `address` and every value valid; with a `name` only where the file has a valid one. */
  readonly item: Readonly<Record<string, unknown>>;
  readonly secrets: readonly ImportedSecret[];
  /** The folder of a project that goes with it, where the file says so. */
  readonly link?: FolderLink | undefined;
  /** What is not taken over and what else is to be known, one sentence each, safe to show. */
  readonly notes: readonly string[];
}

/** A local folder that another tool uploads, in the terms of `ferry.mappings`. All of it raw. */
export interface FolderLink {
  /** The same for the hosts that are profiles of one folder. */
  readonly config: string;
  /** What the profile is called. */
  readonly target: string;
  /** Relative to the folder that holds `.vscode`. */
  readonly local: string;
  /** Absolute, on the server. */
  readonly path: string;
  /** Undefined: the file says nothing. */
  readonly ignore: readonly string[] | undefined;
  /** A file of more such patterns: relative to the folder that holds `.vscode`, or absolute. */
  readonly ignoreFile: string | undefined;
  /** The profile that is meant first. */
  readonly isDefault: boolean;
  /** In octal, of what is new on the server. */
  readonly permissions: { readonly files?: string; readonly folders?: string };
  readonly uploadOnSave: boolean;
  readonly deleteOnDelete: boolean;
  readonly watch: readonly string[];
}

/** What a file holds. Parsers throw nothing but `ImportError`, and take time in proportion to the size of the file. */
export interface Imported {
  readonly hosts: readonly ImportedHost[];
  /** Entries that can't be hosts of Ferry, one sentence each, safe to show. */
  readonly problems: readonly string[];
}

/** The file is not what its parser reads; the message is for the person and holds nothing of the file. */
export class ImportError extends Error {
  override readonly name = 'ImportError';
}
