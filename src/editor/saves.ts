import type * as vscode from 'vscode';
import { isRemoteError } from '../core/errors.ts';
import { aboutFile } from '../core/operations/aboutFile.ts';
import { changed } from '../core/operations/conflict.ts';
import { ConflictError, DoubtfulSaveError } from '../core/operations/saveErrors.ts';
import { type Version, versionOf } from '../core/operations/version.ts';
import type { PathLocks } from '../core/pathLocks.ts';
import type { Remote } from '../core/remote.ts';
import type { Conflicts } from './conflicts.ts';
import type { SaveTroubles } from './saveTroubles.ts';
import { createUpload, type UploadParts } from './upload.ts';
import type { Location } from './uri.ts';

export interface SavesParts extends UploadParts {
  readonly locks: PathLocks;
  readonly conflicts: Conflicts;
  readonly troubles: SaveTroubles;
  /** Once the server has confirmed a content. */
  onSaved?(location: Location, version: Version, content: Uint8Array): void;
}

export interface Saves {
  /** Resolves once the server confirmed the new content, with whether the file was new. Saves of one file never overlap; of a burst the newest wins. */
  save(
    uri: vscode.Uri,
    location: Location,
    content: Uint8Array,
    options: { readonly create: boolean; readonly overwrite: boolean },
  ): Promise<boolean>;
  /** Whether such a save only ends that a document takes what the server has, so that nothing is written. */
  isTaking(location: Location, content: Uint8Array): Promise<boolean>;
  /** The same for a content that no document holds. Throws RemoteErrors, `ConflictError` among them. */
  put(location: Location, content: Uint8Array): Promise<void>;
}

export function createSaves(parts: SavesParts): Saves {
  const { pool, locks, bases, conflicts, troubles } = parts;
  const upload = createUpload(parts);

  /** A file that was deleted, and that somebody made anew before this save did, is as good as changed. */
  const madeMeanwhile = async ({ host, path }: Location, error: unknown): Promise<unknown> => {
    if (!isRemoteError(error, 'Exists')) return error;
    const look = (remote: Remote, signal: AbortSignal) => remote.stat(path, { signal });
    return changed(path, await versionOf(await pool.run(host, look, { repeatable: true })));
  };

  const uploaded = async (location: Location, content: Uint8Array, options: { readonly create: boolean; readonly overwrite: boolean }) => {
    const { key } = location;
    const version = await upload(location, content, options);
    bases.set(key, version);
    conflicts.settle(key);
    // The file is saved: a local copy that can't be removed costs a question after the next start.
    await troubles.settle(key).catch(() => undefined);
    parts.onSaved?.(location, version, content);
  };

  const failure = async (uri: vscode.Uri, location: Location, error: unknown): Promise<Error> => {
    const reason = bases.expected(location.key) === 'missing' ? await madeMeanwhile(location, error) : error;
    if (reason instanceof ConflictError) return conflicts.report(uri, location, reason);
    return reason instanceof DoubtfulSaveError ? troubles.report(uri, location, reason) : aboutFile(reason, location.path);
  };

  /** Either way the document is based on what the server has, and in conflict no more. */
  const takenThere = async (location: Location, content: Uint8Array): Promise<boolean> => {
    if (!(await conflicts.taken.isTaking(location, content))) return false;
    conflicts.settle(location.key);
    return conflicts.taken.end(location, content);
  };

  return {
    save: (uri, location, content, options) =>
      locks.run(
        [location.key],
        async () => {
          if (await takenThere(location, content)) return false;
          const isNew = bases.get(location.key) === undefined;
          await troubles.check(location);
          try {
            await uploaded(location, content, options);
          } catch (error) {
            throw await failure(uri, location, error);
          }
          return isNew;
        },
        `save ${options.create} ${options.overwrite}`,
      ),
    isTaking: (location, content) => conflicts.taken.isTaking(location, content),
    put: (location, content) =>
      locks.run([location.key], async () => {
        try {
          await uploaded(location, content, { create: true, overwrite: true });
        } catch (error) {
          throw aboutFile(error, location.path);
        }
      }),
  };
}
