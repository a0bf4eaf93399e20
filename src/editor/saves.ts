import type * as vscode from 'vscode';
import type { Bases } from '../core/bases.ts';
import { isRemoteError, toRemoteError } from '../core/errors.ts';
import { t } from '../core/l10n.ts';
import { heldLimit } from '../core/heldContents.ts';
import { readFile } from '../core/operations/readFile.ts';
import { changed } from '../core/operations/conflict.ts';
import type { SaveJournal } from '../core/operations/save.ts';
import { ConflictError } from '../core/operations/saveErrors.ts';
import { saveThroughPool } from '../core/operations/saveThroughPool.ts';
import { aboutFile } from '../core/operations/aboutFile.ts';
import { versionOf } from '../core/operations/version.ts';
import { basename } from '../core/path.ts';
import type { PathLocks } from '../core/pathLocks.ts';
import type { Pool } from '../core/pool.ts';
import type { Remote } from '../core/remote.ts';
import type { Host, HostProfile } from '../core/host.ts';
import { settleUnlessStalled } from '../core/stall.ts';
import type { Transfers } from '../core/transfers.ts';
import type { Conflicts } from './conflicts.ts';
import type { History } from './history.ts';
import { keepReplaced } from './replacedContents.ts';
import type { Location } from './uri.ts';

/** A save settles at the latest so long after its last progress, in ms. */
const stallLimit = 20_000;

export interface SavesParts {
  readonly pool: Pool;
  readonly transfers: Transfers;
  readonly locks: PathLocks;
  readonly bases: Bases;
  readonly conflicts: Conflicts;
  readonly history: History;
  readonly profiles: { get(hostName: string): HostProfile; learn(hostName: string, facts: HostProfile): void };
  journal(host: Host): SaveJournal;
  /** A person is being asked something, so that a save may wait. */
  isAsking(): boolean;
}

export interface Saves {
  /** Resolves once the server confirmed the new content, with whether the file was new. Saves of one file never overlap; of a burst the newest wins. */
  save(
    uri: vscode.Uri,
    location: Location,
    content: Uint8Array,
    options: { readonly create: boolean; readonly overwrite: boolean },
  ): Promise<boolean>;
}

export function createSaves(parts: SavesParts): Saves {
  const { pool, transfers, locks, bases, conflicts, profiles, history } = parts;

  /** What a person overwrites on purpose is somebody else's work: where it is not at hand it is worth a read, for the local history. */
  const holdTheirs = async ({ host, path, key }: Location, signal: AbortSignal) => {
    const theirs = bases.expected(key);
    if (theirs === undefined || theirs === 'missing' || theirs === bases.get(key)) return;
    if (theirs.size > heldLimit || history.held(key, theirs) !== undefined) return;
    const read = (remote: Remote, ended: AbortSignal) => readFile(remote, path, { signal: ended });
    const found = await pool.run(host, read, { signal, repeatable: true }).catch(() => undefined);
    if (found?.version.size === theirs.size && found.version.mtime === theirs.mtime) history.hold(key, theirs, found.bytes);
  };

  /** A file that was deleted, and that somebody made anew before this save did, is as good as changed. */
  const madeMeanwhile = async ({ host, path }: Location, error: unknown): Promise<unknown> => {
    if (!isRemoteError(error, 'Exists')) return error;
    const look = (remote: Remote, signal: AbortSignal) => remote.stat(path, { signal });
    return changed(path, await versionOf(await pool.run(host, look, { repeatable: true })));
  };

  const upload = (location: Location, content: Uint8Array, options: { create: boolean; overwrite: boolean }) => {
    const { host, path, key } = location;
    const expected = bases.expected(key);
    const base = expected === 'missing' ? undefined : expected;
    let seen: Uint8Array | undefined;
    const saving = transfers.track({ verb: t('Saving'), name: basename(path), hostName: host.name }, undefined, (report, cancelled) =>
      settleUnlessStalled(
        stallLimit,
        () => parts.isAsking(),
        cancelled,
        async (signal, alive) => {
          await holdTheirs(location, signal);
          const onProgress = (bytes: number) => {
            alive();
            report({ bytes, total: content.length });
          };
          return saveThroughPool(pool, host, path, content, {
            ...(expected === 'missing' ? { create: true, overwrite: false } : options),
            base,
            signal,
            onProgress,
            onSeen: (bytes) => (seen = bytes),
            journal: parts.journal(host),
            saveMode: host.saveMode,
            profile: profiles.get(host.name),
            learn: (facts) => profiles.learn(host.name, facts),
          });
        },
      ),
    );
    return saving.then(
      (version) => {
        keepReplaced(history, location, { content, version, base, seen });
        return version;
      },
      (error: unknown) => {
        if (error instanceof ConflictError && error.theirs !== undefined && seen !== undefined) history.hold(key, error.theirs, seen);
        throw toRemoteError(error).with({ path, host: host.name });
      },
    );
  };

  return {
    save: (uri, location, content, options) =>
      locks.run(
        [location.key],
        async () => {
          const isNew = bases.get(location.key) === undefined;
          try {
            bases.set(location.key, await upload(location, content, options));
          } catch (error) {
            const reason = bases.expected(location.key) === 'missing' ? await madeMeanwhile(location, error) : error;
            if (reason instanceof ConflictError) throw await conflicts.report(uri, location, reason);
            throw aboutFile(reason, location.path);
          }
          conflicts.settle(location.key);
          return isNew;
        },
        `save ${options.create} ${options.overwrite}`,
      ),
  };
}
