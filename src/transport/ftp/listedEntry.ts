import type { Attributes, Entry } from '../../core/remote.ts';

/** What a line of a listing tells beyond `Attributes`. */
export interface ListedAttributes extends Attributes {
  /** Milliseconds since the epoch, as if the server's clock were UTC; minutes to a day off: only for showing, never for comparing. */
  readonly approximateMtime: number | undefined;
  /** Whether `size` is the exact count of bytes; false where the line told none (then 0), a rounded one, or for anything but files. */
  readonly exactSize: boolean;
}

export interface ListedEntry extends ListedAttributes, Entry {}

/** One line of a listing without its line end. */
export interface ListingLine {
  readonly bytes: Uint8Array;
  /** The bytes as Latin-1: one character a byte, so that an index into it is one into `bytes`. */
  readonly text: string;
}

/** A name or link target in the server's charset. */
export type Decode = (name: Uint8Array) => string;

/** What a parser of one format makes of a line: an entry whose name is not checked yet, or undefined where the line is of another format. */
export type LineParser = (line: ListingLine, decode: Decode) => ListedEntry | undefined;

/** One character a byte. */
export function latin1Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** What is left where a server only says that something is there. */
export const nothingTold: ListedAttributes = {
  kind: 'other',
  size: 0,
  mtime: undefined,
  mode: undefined,
  owner: undefined,
  group: undefined,
  links: undefined,
  target: undefined,
  writable: undefined,
  approximateMtime: undefined,
  exactSize: false,
};

/**
 * An entry of which only `told` is known; a `size` that is told is taken as exact for files and as none for the rest, one beyond what can
 * be counted as not told, and so is an empty `target`.
 */
export function listed(name: string, told: Partial<ListedAttributes> & Pick<ListedAttributes, 'kind'>): ListedEntry {
  const counted = told.kind === 'file' && told.size !== undefined && Number.isSafeInteger(told.size);
  const size = counted ? (told.size ?? 0) : 0;
  const { kind, mtime, mode, owner, group, links, writable, approximateMtime } = told;
  const target = told.target === '' ? undefined : told.target;
  // Each named: spreading three objects for each of many thousand lines is what a long listing waited for.
  const exactSize = counted && told.exactSize !== false;
  return { name, kind, size, mtime, mode, owner, group, links, target, writable, approximateMtime, exactSize };
}
