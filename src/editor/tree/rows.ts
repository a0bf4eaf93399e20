import type { Uri } from 'vscode';
import type { RemoteError } from '../../core/errors.ts';
import type { ListedEntry } from '../looks.ts';

/** A host; commands of its menu receive it. */
export interface HostRow {
  readonly kind: 'host';
  readonly name: string;
}

/** Hosts are under it. */
export interface GroupRow {
  readonly kind: 'group';
  /** Unique among the groups. */
  readonly id: string;
  /** The group's names with `/` between; undefined for the hosts of the ssh config. */
  readonly path: string | undefined;
}

/** A file, folder or link on a host. */
export interface FileRow {
  readonly kind: 'file';
  readonly uri: Uri;
  /** As listed last. */
  readonly entry: ListedEntry;
  readonly under: FolderRow;
  /** Whether the server changes permissions. */
  readonly hasModes: boolean;
}

/** Stands where a folder's entries would, if they could be listed. */
export interface NoteRow {
  readonly kind: 'note';
  readonly under: FolderRow;
  readonly reason: RemoteError;
}

/** A folder of its host that the person marked. */
export interface BookmarkRow {
  readonly kind: 'bookmark';
  readonly uri: Uri;
  /** As it is kept. */
  readonly address: string;
  /** As the person calls it; undefined: by its path. Raw. */
  readonly name: string | undefined;
  readonly under: HostRow;
}

/** What files are under: a host, or a folder on it. */
export type FolderRow = HostRow | FileRow | BookmarkRow;

/** Of the view "Hosts". One thing has one object as its row, as VS Code tells rows apart by identity. */
export type Row = HostRow | GroupRow | FileRow | NoteRow | BookmarkRow;

/** The rows that the view made: an argument that is none of them comes from somebody else. */
const made = new WeakSet<object>();

export function ownRow<T extends Row>(row: T): T {
  made.add(row);
  return row;
}

export function isRow(argument: unknown): argument is Row {
  return typeof argument === 'object' && argument !== null && made.has(argument);
}

export function isHostRow(argument: unknown): argument is HostRow {
  return isRow(argument) && argument.kind === 'host';
}

export function isBookmarkRow(argument: unknown): argument is BookmarkRow {
  return isRow(argument) && argument.kind === 'bookmark';
}

export function isFileRow(argument: unknown): argument is FileRow {
  return isRow(argument) && argument.kind === 'file';
}

/** Of a command's arguments: the rows that are selected along with the one that it was called on, else that one alone. */
export function chosenRows(argument: unknown, selected: unknown): readonly Row[] {
  if (!isRow(argument)) return [];
  const rows = Array.isArray(selected) ? selected.filter(isRow) : [];
  return rows.includes(argument) ? rows : [argument];
}

/** The host that a row is of, or under; undefined of a group. */
export function hostRowOf(row: Row): HostRow | undefined {
  if (row.kind === 'group') return undefined;
  return row.kind === 'host' ? row : hostRowOf(row.under);
}
