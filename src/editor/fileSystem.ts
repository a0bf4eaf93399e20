import * as vscode from 'vscode';
import type { Bases } from '../core/bases.ts';
import { isRemoteError } from '../core/errors.ts';
import type { HeldTargets } from '../core/heldTargets.ts';
import type { Host } from '../core/host.ts';
import { t } from '../core/l10n.ts';
import { makeFolder } from '../core/operations/changes.ts';
import { readFile } from '../core/operations/readFile.ts';
import { resolveLinks } from '../core/operations/resolveLinks.ts';
import { isTemporaryName } from '../core/operations/temporary.ts';
import { runChange } from '../core/operations/unsettled.ts';
import { basename, parent } from '../core/path.ts';
import type { PathLocks } from '../core/pathLocks.ts';
import type { Pool } from '../core/pool.ts';
import type { Attributes, Kind, Remote } from '../core/remote.ts';
import type { TransferProgress, Transfers } from '../core/transfers.ts';
import { describeEntry } from '../core/operations/describeEntry.ts';
import type { AnnouncedDeletes } from './announcedDeletes.ts';
import { toFileSystemError } from './fileSystemError.ts';
import type { History } from './history.ts';
import { LinkNames } from './linkNames.ts';
import type { Moves } from './moves.ts';
import type { Relist } from './relist.ts';
import type { Removals } from './removals.ts';
import type { Saves } from './saves.ts';
import { type Location, uriOf } from './uri.ts';
import type { Watch } from './watch.ts';

export interface FileSystemParts {
  readonly pool: Pool;
  readonly transfers: Transfers;
  readonly locks: PathLocks;
  readonly bases: Bases;
  readonly saves: Saves;
  readonly moves: Moves;
  readonly removals: Removals;
  readonly history: History;
  readonly watch: Watch;
  readonly relist: Relist;
  readonly held: HeldTargets;
  readonly deletes: AnnouncedDeletes;
  readonly changes: vscode.EventEmitter<vscode.FileChangeEvent[]>;
  locate(uri: vscode.Uri): Location;
}

const types: Readonly<Record<Kind, vscode.FileType>> = {
  file: vscode.FileType.File,
  directory: vscode.FileType.Directory,
  symlink: vscode.FileType.SymbolicLink,
  other: vscode.FileType.Unknown,
};

/** `ftp:`, `ftps:` and `sftp:` folders for VS Code: each method is one operation of `core`, its errors VS Code's own, shown by VS Code. */
export class RemoteFileSystem implements vscode.FileSystemProvider {
  readonly onDidChangeFile: vscode.Event<vscode.FileChangeEvent[]>;
  readonly #parts: FileSystemParts;
  readonly #linkNames = new LinkNames();

  constructor(parts: FileSystemParts) {
    this.#parts = parts;
    this.onDidChangeFile = parts.changes.event;
  }

  stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    return this.#at(uri, async (location) => {
      const { host, path, key } = location;
      const look = (remote: Remote, signal: AbortSignal) => describeEntry(remote, path, { signal });
      const { entry, target } = await this.#noting(location, this.#run(host, look, true));
      const stat = fileStat(entry, target);
      /*
       * VS Code refuses to save over a newer file of another size by itself, in words and with choices of its own that Ferry's later and
       * closer look does not learn of: the person would be asked twice, and again. So of a document with unsaved changes it is told the
       * time of the version that these are based on; what has changed since is found, and said once, by the save.
       */
      const base = this.#parts.bases.get(key)?.mtime;
      return base !== undefined && stat.mtime > base && hasUnsavedChanges(uri) ? { ...stat, mtime: base } : stat;
    });
  }

  readDirectory(uri: vscode.Uri): Promise<[string, vscode.FileType][]> {
    return this.#at(uri, (location) =>
      this.#track(t('Listing'), location, async (_, signal) => {
        const { host, path } = location;
        const list = async (remote: Remote, ended: AbortSignal) => {
          const listed = this.#linkNames.leaveOut(location, await remote.list(path, { signal: ended }));
          const entries = listed.filter(
            ({ name }) => !isTemporaryName(name) || !(name.endsWith('.tmp') || this.#parts.held.hides(location, name)),
          );
          return { entries, kinds: await resolveLinks(remote, path, entries, { signal: ended }) };
        };
        const { entries, kinds } = await this.#run(host, list, true, signal);
        this.#parts.watch.listed(location, entries);
        return entries.map(({ name, kind }) => [name, kind === 'symlink' ? linkType(kinds.get(name)) : types[kind]]);
      }),
    );
  }

  readFile(uri: vscode.Uri): Promise<Uint8Array> {
    return this.#at(uri, (location) =>
      this.#track(t('Reading'), location, async (report, signal) => {
        const { host, path, key } = location;
        const read = (remote: Remote, ended: AbortSignal) =>
          readFile(remote, path, { signal: ended, onProgress: (bytes) => report({ bytes }) });
        const { bytes, version } = await this.#run(host, read, true, signal);
        this.#parts.history.hold(key, version, bytes);
        const shown = vscode.workspace.textDocuments.some((document) => !document.isClosed && document.uri.toString() === uri.toString());
        if (!this.#parts.bases.read(key, version, shown)) this.#announce(vscode.FileChangeType.Changed, location);
        return bytes;
      }),
    );
  }

  writeFile(uri: vscode.Uri, content: Uint8Array, options: { readonly create: boolean; readonly overwrite: boolean }): Promise<void> {
    return this.#at(uri, async (location) => {
      const created = await this.#parts.held.bring(location, () => this.#parts.saves.save(uri, location, content, options));
      this.#announce(created ? vscode.FileChangeType.Created : vscode.FileChangeType.Changed, location);
    });
  }

  createDirectory(uri: vscode.Uri): Promise<void> {
    return this.#at(uri, async (location) => {
      const { host, path, key } = location;
      const make = () => runChange(this.#parts.pool, host, (remote) => makeFolder(remote, path));
      await this.#parts.locks.run([key], () => this.#parts.held.bring(location, make, { isFolder: true }));
      this.#announce(vscode.FileChangeType.Created, location);
    });
  }

  delete(uri: vscode.Uri, { recursive }: { readonly recursive: boolean }): Promise<void> {
    return this.#at(uri, async (location) => {
      await this.#parts.locks.run([location.key], () => this.#remove(uri, location, recursive));
      this.#parts.bases.forget(location.key);
      this.#announce(vscode.FileChangeType.Deleted, location);
    });
  }

  rename(from: vscode.Uri, to: vscode.Uri, { overwrite }: { readonly overwrite: boolean }): Promise<void> {
    return this.#between(from, to, async (source, target) => {
      await this.#parts.moves.move(source, target, overwrite);
      this.#parts.bases.move(source.key, target.key);
      this.#parts.history.move(source, target);
      this.#announce(vscode.FileChangeType.Deleted, source);
    });
  }

  copy(from: vscode.Uri, to: vscode.Uri, { overwrite }: { readonly overwrite: boolean }): Promise<void> {
    return this.#between(from, to, async (source, target) => {
      await this.#parts.moves.copy(source, target, overwrite);
      this.#parts.bases.forget(target.key);
    });
  }

  watch(uri: vscode.Uri, { recursive }: { readonly recursive: boolean }): vscode.Disposable {
    try {
      return this.#parts.watch.add(this.#parts.locate(uri), recursive);
    } catch {
      // A host that is not known (any more): reading says so; there is nothing to watch.
      return new vscode.Disposable(() => undefined);
    }
  }

  /** Who deletes a target to replace it looks like a person who deletes it, but for the announcement: then it only steps aside at first. */
  async #remove(uri: vscode.Uri, location: Location, recursive: boolean): Promise<void> {
    const { held, deletes, removals } = this.#parts;
    const isAnnounced = deletes.take(uri);
    await held.settleBelow(location);
    if (!recursive || isAnnounced || !(await held.hold(location))) await removals.remove(location, recursive);
    else if (location.host.trash === undefined) removals.keepKnown(location);
  }

  #run<T>(host: Host, task: (remote: Remote, signal: AbortSignal) => Promise<T>, repeatable: boolean, signal?: AbortSignal): Promise<T> {
    return this.#parts.pool.run(host, task, { signal, repeatable });
  }

  /** Where no connection could be made, the Explorer is told once there is one. */
  async #noting<T>(location: Location, look: Promise<T>): Promise<T> {
    try {
      return await look;
    } catch (error) {
      if (isRemoteError(error, 'Auth', 'Untrusted', 'Cancelled', 'Unreachable', 'Lost', 'Busy')) this.#parts.relist.failed(location);
      throw error;
    }
  }

  #track<T>(
    verb: string,
    { host, path }: Location,
    task: (report: (progress: TransferProgress) => void, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    return this.#parts.transfers.track({ verb, name: basename(path) || '/', hostName: host.name }, undefined, task);
  }

  async #at<T>(uri: vscode.Uri, act: (location: Location) => Promise<T>): Promise<T> {
    try {
      const location = this.#parts.locate(uri);
      this.#parts.held.touch(location);
      try {
        return await act(location);
      } catch (error) {
        // Where no connection could be made, nobody knew yet what for.
        throw isRemoteError(error) ? error.with({ path: location.path, host: location.host.name }) : error;
      } finally {
        this.#parts.held.touch(location);
      }
    } catch (error) {
      throw toFileSystemError(error);
    }
  }

  #between(from: vscode.Uri, to: vscode.Uri, act: (source: Location, target: Location) => Promise<void>): Promise<void> {
    return this.#at(from, async (source) => {
      const target = this.#parts.locate(to);
      const { held, locks } = this.#parts;
      try {
        await locks.run([source.key, target.key], async () => {
          await held.settleBelow(source);
          await held.bring(target, () => act(source, target));
        });
      } finally {
        // Also after a failure: what VS Code deleted before is back.
        this.#announce(vscode.FileChangeType.Created, target);
      }
    });
  }

  /** Only after the change is visible on the server. */
  #announce(type: vscode.FileChangeType, location: Location): void {
    this.#parts.watch.touched(location);
    const { host, path } = location;
    const events = [{ type, uri: uriOf(host, path) }];
    if (type !== vscode.FileChangeType.Changed) events.push({ type: vscode.FileChangeType.Changed, uri: uriOf(host, parent(path)) });
    this.#parts.changes.fire(events);
  }
}

function hasUnsavedChanges(uri: vscode.Uri): boolean {
  return vscode.workspace.textDocuments.some((document) => document.isDirty && document.uri.toString() === uri.toString());
}

function linkType(kind: Kind | undefined): vscode.FileType {
  return vscode.FileType.SymbolicLink | (kind === undefined ? vscode.FileType.Unknown : types[kind]);
}

/** `target`: what a link leads to; undefined for a broken one. */
function fileStat(entry: Attributes, target: Attributes | undefined): vscode.FileStat {
  const shown = target ?? entry;
  const type = entry.kind === 'symlink' ? linkType(target?.kind) : types[entry.kind];
  const time = shown.mtime ?? 0;
  const stat: vscode.FileStat = { type, size: shown.size, mtime: time, ctime: time };
  return isReadonly(shown) ? { ...stat, permissions: vscode.FilePermission.Readonly } : stat;
}

/** What the server says itself counts; else a mode that lets nobody write. */
function isReadonly({ writable, mode }: Attributes): boolean {
  return writable === undefined ? mode !== undefined && (mode & 0o222) === 0 : !writable;
}
