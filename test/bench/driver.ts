import type { Target } from './target.ts';

/**
 * A client that is logged in and warm, driven as its documentation shows. What it has no command for is left out. Remote paths are
 * absolute, local ones too; folders named `to` are not there yet. Each call resolves when the client says that it is done, and throws
 * where it failed.
 */
export interface Driver {
  /** Name and version. */
  readonly client: string;
  /** How it is driven, for the reader of the figures. */
  readonly how: string;
  readonly stat?: (path: string) => Promise<unknown>;
  /** Resolves to the count of entries. */
  readonly list?: (path: string) => Promise<number>;
  /** Bytes. */
  readonly read?: (path: string) => Promise<number>;
  /** As an editor opens it: with the version that a later save compares with. */
  readonly open?: (path: string) => Promise<number>;
  /** A new file confirmed beside the old one, then renamed over it. */
  readonly replace?: (path: string, content: Buffer) => Promise<void>;
  /** All at once, where it can. Bytes together. */
  readonly readMany?: (paths: readonly string[]) => Promise<number>;
  readonly upload?: (from: string, to: string) => Promise<void>;
  readonly download?: (from: string, to: string) => Promise<void>;
  readonly remove?: (path: string) => Promise<void>;
  readonly rename?: (from: string, to: string) => Promise<void>;
  /** Of another connection, which it makes and ends: from nothing to the listing of a folder. Resolves to how its end is awaited. */
  readonly connectAndList?: (path: string) => Promise<() => Promise<void>>;
  readonly readLarge?: (path: string) => Promise<number>;
  readonly writeLarge?: (local: string, path: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface Client {
  readonly name: string;
  /** It runs in the bench's own process, which a person's has long been running. */
  readonly isLibrary?: true;
  /** Whether it speaks the target's protocol. */
  readonly speaks: (target: Target) => boolean;
  /** Why it can't run on this machine; undefined: it can. */
  readonly missing: () => string | undefined;
  /** `local`: a folder for whatever it has to keep. */
  readonly start: (target: Target, local: string) => Promise<Driver>;
}
