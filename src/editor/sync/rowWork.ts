import { lstat, readFile } from 'node:fs/promises';
import { Uri, workspace } from 'vscode';
import { isRemoteError, RemoteError } from '../../core/errors.ts';
import { heldLimit } from '../../core/heldContents.ts';
import { t } from '../../core/l10n.ts';
import { changed } from '../../core/operations/conflict.ts';
import { makeFolders } from '../../core/operations/tree.ts';
import { hashOf, type Version, versionOf } from '../../core/operations/version.ts';
import type { Pool } from '../../core/pool.ts';
import type { Attributes, Remote } from '../../core/remote.ts';
import type { SyncAction } from '../../core/sync/decision.ts';
import type { SyncRow } from '../../core/sync/plan.ts';
import type { History } from '../history.ts';
import type { Exchange } from '../mapping/exchange.ts';
import type { Exchanges } from '../mapping/exchanges.ts';
import type { MappedFile } from '../mapping/mappings.ts';
import type { Removals } from '../removals.ts';
import type { LinkedPlace } from './linkedPlace.ts';

export interface RowWorkParts {
  readonly pool: Pool;
  readonly exchange: Exchange;
  readonly exchanges: Exchanges;
  readonly removals: Removals;
  readonly history: History;
}

/**
 * Does what a row says, if both sides are still what they were when it was planned; else, and that is a `ConflictError` or `Conflict`, nothing.
 * `action`: what the person chose, which need not be what was proposed.
 */
export async function doRow(
  parts: RowWorkParts,
  place: LinkedPlace,
  row: SyncRow,
  action: SyncAction,
  signal?: AbortSignal,
): Promise<void> {
  const file = place.at(row.relative);
  await assertAsPlanned(file, row.here);
  switch (action) {
    case 'upload':
      return row.isFolder ? makeFolderThere(parts, file, signal) : upload(parts, file, row, signal);
    case 'download':
      return row.isFolder ? makeFolderHere(file) : download(parts, file, row, signal);
    case 'deleteThere':
      return row.isFolder ? deleteFolderThere(parts, file, signal) : deleteThere(parts, file, row, signal);
    case 'deleteHere':
      return deleteHere(parts, file, row);
    case 'conflict':
      throw new RemoteError('Conflict', t('It is not decided which one counts.'), { path: file.location.path });
  }
}

/** The file of this computer. */
async function assertAsPlanned({ uri, location: { path } }: MappedFile, planned: Attributes | undefined): Promise<void> {
  if (await isAsPlanned(uri, planned)) return;
  throw new RemoteError('Conflict', t('It changed on this computer after the plan was made.'), { path });
}

async function isAsPlanned(uri: Uri, planned: Attributes | undefined): Promise<boolean> {
  const now = await lstat(uri.fsPath, { bigint: true }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  if (planned === undefined || now === undefined) return planned === now;
  if (planned.kind === 'directory') return now.isDirectory();
  return now.isFile() && Number(now.size) === planned.size && Number(now.mtimeMs) === planned.mtime;
}

async function upload(
  { exchange, exchanges }: RowWorkParts,
  file: MappedFile,
  { there, reason }: SyncRow,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { key } = file.location;
  // Else what both agreed on, or its absence, is what the server is to have.
  const isOther = exchanges.bases.get(key) !== undefined ? reason !== 'changedHere' : there !== undefined;
  if (isOther) exchange.allow(file, there && (await versionOf(there)));
  try {
    await exchange.send(file, { signal });
  } finally {
    exchanges.bases.expect(key, undefined);
  }
}

async function download(
  { exchange, exchanges }: RowWorkParts,
  file: MappedFile,
  { here, there, reason }: SyncRow,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { key } = file.location;
  const agreed = exchanges.bases.get(key);
  const isPlanned = (theirs: Version) => there !== undefined && isSameVersion(theirs, there);
  // By its time nothing changed here. Where its content says otherwise, its time is worth nothing, and a person has to say which one counts.
  const isMistaken = reason === 'changedThere' && agreed?.hash !== undefined;
  const mayReplace = async () => !isMistaken && (await isAsPlanned(file.uri, here));
  if (await exchange.fetch(file, mayReplace, isPlanned, { signal, size: there?.size })) return;
  await assertAsPlanned(file, here);
  if (agreed !== undefined) exchanges.agree(key, agreed);
  throw new RemoteError('Conflict', t('It changed on this computer, though its time did not.'), { path: file.location.path });
}

function isSameVersion({ size, mtime }: Version, planned: Attributes): boolean {
  return size === planned.size && (mtime === undefined || planned.mtime === undefined || mtime === planned.mtime);
}

async function makeFolderThere({ pool }: RowWorkParts, file: MappedFile, signal: AbortSignal | undefined): Promise<void> {
  const { host, path } = file.location;
  const mode = file.mapping.permissions.folders;
  const make = (remote: Remote, ended: AbortSignal) => makeFolders(remote, path, { signal: ended, mode });
  await pool.run(host, make, { signal, repeatable: true, changes: 'new' });
}

async function makeFolderHere({ uri }: MappedFile): Promise<void> {
  await workspace.fs.createDirectory(uri);
}

/** What is deleted for good stays in the local history, as far as that takes it. */
async function deleteThere(
  parts: RowWorkParts,
  file: MappedFile,
  { there, reason }: SyncRow,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { exchange, exchanges, removals, history } = parts;
  const { location } = file;
  const agreed = reason === 'deletedHere' ? exchanges.bases.get(location.key)?.hash : undefined;
  const found = await findThere(parts.pool, file, signal);
  if (found !== undefined) {
    if (found.kind !== there?.kind || !isSameVersion(await versionOf(found), there)) throw changed(location.path, await versionOf(found));
    const read = found.size <= heldLimit ? await exchange.look(file, signal) : undefined;
    if (agreed !== undefined && read?.version.hash !== agreed) throw changed(location.path, read?.version ?? (await versionOf(found)));
    await removals.remove(location, false, signal);
    if (read !== undefined && location.host.trash === undefined) history.add(location, read.bytes, 'deleted');
  }
  exchanges.forget(location.key);
}

/** Only if nothing is in it. */
async function deleteFolderThere({ pool, removals }: RowWorkParts, file: MappedFile, signal: AbortSignal | undefined): Promise<void> {
  const { location } = file;
  const found = await findThere(pool, file, signal);
  if (found === undefined) return;
  if (found.kind !== 'directory') throw changed(location.path, await versionOf(found));
  await removals.remove(location, false, signal);
}

async function findThere(pool: Pool, { location: { host, path } }: MappedFile, signal: AbortSignal | undefined) {
  try {
    return await pool.run(host, (remote, ended) => remote.lstat(path, { signal: ended }), { signal, repeatable: true });
  } catch (error) {
    if (isRemoteError(error, 'NotFound')) return undefined;
    throw error;
  }
}

/** Into this computer's trash, and where it has none into the local history; a folder only if nothing is in it. */
async function deleteHere({ exchanges, history }: RowWorkParts, file: MappedFile, row: SyncRow): Promise<void> {
  const { uri, location } = file;
  try {
    await workspace.fs.delete(uri, { recursive: false, useTrash: !row.isFolder });
  } catch (error) {
    if (row.isFolder || !(await isKept(history, file))) throw notDeleted(location.path, error);
    await assertAsPlanned(file, row.here);
    await workspace.fs.delete(uri, { recursive: false, useTrash: false });
  }
  exchanges.forget(location.key);
}

/** Whether the file is in the local history now, for its place on the server. */
async function isKept(history: History, { uri, location }: MappedFile): Promise<boolean> {
  if ((await lstat(uri.fsPath)).size > heldLimit) return false;
  const bytes = await readFile(uri.fsPath);
  const hash = await hashOf(bytes);
  history.add(location, bytes, 'deleted');
  await history.settled();
  return (await history.versions(location)).some((version) => version.hash === hash) && (await history.content(hash)) !== undefined;
}

function notDeleted(path: string, cause: unknown): RemoteError {
  return new RemoteError('Denied', t('It could not be moved to the trash of this computer.'), { path, cause });
}
