import * as vscode from 'vscode';
import type { Bases } from '../core/bases.ts';
import { isRemoteError, type RemoteError } from '../core/errors.ts';
import { createEmitter, type Event } from '../core/events.ts';
import type { Guard } from '../core/guard.ts';
import type { HeldTargets } from '../core/heldTargets.ts';
import { makeFolder } from '../core/operations/changes.ts';
import { runChange } from '../core/operations/unsettled.ts';
import { parent } from '../core/path.ts';
import type { PathLocks } from '../core/pathLocks.ts';
import type { Pool } from '../core/pool.ts';
import type { AnnouncedDeletes } from './announcedDeletes.ts';
import { reasonOf, toFileSystemError } from './fileSystemError.ts';
import type { History } from './history.ts';
import type { Looks } from './looks.ts';
import type { Moves } from './moves.ts';
import type { Relist } from './relist.ts';
import type { SaveReasons } from './protection.ts';
import type { Removals } from './removals.ts';
import type { Saves } from './saves.ts';
import { type Location, uriOf } from './uri.ts';
import type { Watch } from './watch.ts';

export interface FileSystemParts {
  readonly pool: Pool;
  readonly locks: PathLocks;
  readonly bases: Bases;
  readonly saves: Saves;
  readonly moves: Moves;
  readonly removals: Removals;
  readonly history: History;
  readonly watch: Watch;
  readonly looks: Looks;
  readonly relist: Relist;
  readonly held: HeldTargets;
  readonly deletes: AnnouncedDeletes;
  readonly guard: Guard;
  readonly reasons: SaveReasons;
  readonly changes: vscode.EventEmitter<vscode.FileChangeEvent[]>;
  locate(uri: vscode.Uri): Location;
}

/** `ftp:`, `ftps:` and `sftp:` folders for VS Code: each method is one operation of `core`, its errors VS Code's own, shown by VS Code. */
export class RemoteFileSystem implements vscode.FileSystemProvider {
  readonly onDidChangeFile: vscode.Event<vscode.FileChangeEvent[]>;
  /** Why a move failed, also where VS Code keeps it to itself. */
  readonly onDidFailToMove: Event<RemoteError>;
  readonly #failures = createEmitter<RemoteError>();
  readonly #parts: FileSystemParts;

  constructor(parts: FileSystemParts) {
    this.#parts = parts;
    this.onDidChangeFile = parts.changes.event;
    this.onDidFailToMove = this.#failures.event;
  }

  stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    return this.#at(uri, async (location) => {
      const stat = await this.#noting(location, this.#parts.looks.stat(uri, location));
      return this.#parts.guard.isReadOnly(location.host) ? { ...stat, permissions: vscode.FilePermission.Readonly } : stat;
    });
  }

  readDirectory(uri: vscode.Uri): Promise<[string, vscode.FileType][]> {
    return this.#at(uri, (location) => this.#parts.looks.list(location));
  }

  readFile(uri: vscode.Uri): Promise<Uint8Array> {
    return this.#at(uri, async (location) => {
      const { bytes, isBase } = await this.#parts.looks.read(uri, location);
      if (!isBase) this.#announce(vscode.FileChangeType.Changed, location);
      return bytes;
    });
  }

  writeFile(uri: vscode.Uri, content: Uint8Array, options: { readonly create: boolean; readonly overwrite: boolean }): Promise<void> {
    return this.#at(uri, async (location) => {
      const { held, saves, looks, guard, reasons } = this.#parts;
      const isAutomatic = reasons.takeAutomatic(uri);
      const saving = held.bring(location, async () => {
        if (!(await saves.isTaking(location, content))) await guard.admit(location.host, 'save', { path: location.path, isAutomatic });
        return saves.save(uri, location, content, options);
      });
      const created = await saving.catch((error: unknown) => {
        looks.forget(location);
        throw error;
      });
      const type = created ? vscode.FileChangeType.Created : vscode.FileChangeType.Changed;
      looks.saved(location, () => this.#announce(type, location));
    });
  }

  createDirectory(uri: vscode.Uri): Promise<void> {
    return this.#at(uri, async (location) => {
      const { host, path, key } = location;
      await this.#parts.guard.admit(host, 'createFolder', { path });
      const make = () => runChange(this.#parts.pool, host, (remote) => makeFolder(remote, path));
      await this.#parts.locks.run([key], () => this.#parts.held.bring(location, make, { isFolder: true }));
      this.#announce(vscode.FileChangeType.Created, location);
    });
  }

  delete(uri: vscode.Uri, { recursive }: { readonly recursive: boolean }): Promise<void> {
    return this.#at(uri, async (location) => {
      const { locks, looks, guard } = this.#parts;
      await guard.admit(location.host, 'delete', { path: location.path });
      // A delete that failed may have taken some of it.
      await locks.run([location.key], () => this.#remove(uri, location, recursive)).finally(() => looks.forget(location));
      this.#parts.bases.forget(location.key);
      this.#announce(vscode.FileChangeType.Deleted, location);
    });
  }

  rename(from: vscode.Uri, to: vscode.Uri, { overwrite }: { readonly overwrite: boolean }): Promise<void> {
    const moving = this.#between(from, to, 'move', async (source, target) => {
      await this.#parts.moves.move(source, target, overwrite);
      this.#parts.bases.move(source.key, target.key);
      this.#parts.history.move(source, target);
      this.#announce(vscode.FileChangeType.Deleted, source);
    });
    return moving.catch((error: unknown) => {
      this.#failures.fire(reasonOf(error));
      throw error;
    });
  }

  copy(from: vscode.Uri, to: vscode.Uri, { overwrite }: { readonly overwrite: boolean }): Promise<void> {
    return this.#between(from, to, 'copy', async (source, target) => {
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

  /** Something is brought to `to` by `act`, from wherever it is; what was there stays until then. */
  bring(to: vscode.Uri, act: (target: Location) => Promise<void>): Promise<void> {
    return this.#at(to, async (target) => {
      const { held, locks, bases, guard } = this.#parts;
      await guard.admit(target.host, 'copy', { path: target.path });
      try {
        await locks.run([target.key], () => held.bring(target, () => act(target)));
        bases.forget(target.key);
      } finally {
        this.#announce(vscode.FileChangeType.Created, target);
      }
    });
  }

  /** Removes by `act` what was at `from` and is at `to` now, where it was brought. */
  leave(from: vscode.Uri, to: vscode.Uri, act: () => Promise<void>): Promise<void> {
    return this.#at(from, async (source) => {
      const { locks, bases, history, looks, guard } = this.#parts;
      await guard.admit(source.host, 'move', { path: source.path });
      await locks.run([source.key], act).finally(() => looks.forget(source));
      const target = this.#parts.locate(to);
      bases.move(source.key, target.key);
      history.move(source, target);
      this.#announce(vscode.FileChangeType.Deleted, source);
    });
  }

  /** Deletes it as a person does who was asked: at once and with all that it holds, into the trash where the host has one. */
  remove(uri: vscode.Uri): Promise<void> {
    this.#parts.deletes.announce([uri]);
    return this.delete(uri, { recursive: true });
  }

  /** Changes the permissions of an entry, and of what is below it, by `act`. */
  changeModes<T>(uri: vscode.Uri, act: (location: Location) => Promise<T>): Promise<T> {
    return this.#at(uri, async (location) => {
      await this.#parts.guard.admit(location.host, 'permissions', { path: location.path });
      try {
        return await act(location);
      } finally {
        this.#parts.looks.forget(location);
        this.#announce(vscode.FileChangeType.Changed, location);
        this.#parts.changes.fire([{ type: vscode.FileChangeType.Changed, uri: uriOf(location.host, parent(location.path)) }]);
      }
    });
  }

  /** Who deletes a target to replace it looks like a person who deletes it, but for the announcement: then it only steps aside at first. */
  async #remove(uri: vscode.Uri, location: Location, recursive: boolean): Promise<void> {
    const { held, deletes, removals } = this.#parts;
    const isAnnounced = deletes.take(uri);
    await held.settleBelow(location);
    if (!recursive || isAnnounced || !(await held.hold(location))) await removals.remove(location, recursive);
    else if (location.host.trash === undefined) removals.keepKnown(location);
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

  #between(
    from: vscode.Uri,
    to: vscode.Uri,
    kind: 'move' | 'copy',
    act: (source: Location, target: Location) => Promise<void>,
  ): Promise<void> {
    return this.#at(from, async (source) => {
      const target = this.#parts.locate(to);
      const { held, locks, guard } = this.#parts;
      try {
        await locks.run([source.key, target.key], async () => {
          await held.settleBelow(source);
          await held.bring(target, async () => {
            await guard.admit(target.host, kind, { path: target.path });
            if (kind === 'move') await guard.admit(source.host, kind, { path: source.path });
            await act(source, target);
          });
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
