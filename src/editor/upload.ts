import type { Bases } from '../core/bases.ts';
import { toRemoteError } from '../core/errors.ts';
import { t } from '../core/l10n.ts';
import { heldLimit } from '../core/heldContents.ts';
import { readFile } from '../core/operations/readFile.ts';
import type { SaveJournal, SaveOptions } from '../core/operations/save.ts';
import { ConflictError } from '../core/operations/saveErrors.ts';
import type { Version } from '../core/operations/version.ts';
import { basename } from '../core/path.ts';
import type { Pool } from '../core/pool.ts';
import type { Remote } from '../core/remote.ts';
import type { Host, HostProfile } from '../core/host.ts';
import { settleUnlessStalled } from '../core/stall.ts';
import type { Transfers } from '../core/transfers.ts';
import type { History } from './history.ts';
import { keepReplaced } from './replacedContents.ts';
import type { Location } from './uri.ts';

/** A save settles at the latest so long after its last progress, in ms. */
const stallLimit = 20_000;

export interface UploadParts {
  readonly pool: Pool;
  readonly transfers: Pick<Transfers, 'track'>;
  readonly bases: Bases;
  readonly history: History;
  readonly profiles: { get(hostName: string): HostProfile; learn(hostName: string, facts: HostProfile): void };
  journal(host: Host): SaveJournal;
  /** A person is being asked something, so that a save may wait. */
  isAsking(): boolean;
}

export interface UploadCall {
  readonly signal: AbortSignal;
  /** Of who shows the upload as part of something larger. Default: it is shown by itself. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

/** Uploads a content as the file at `location`, over the version that `bases` expects there: one save, shown as a transfer. */
export type Upload = (
  location: Location,
  content: Uint8Array,
  options: Pick<SaveOptions, 'create' | 'overwrite' | 'newMode'>,
  call?: UploadCall,
) => Promise<Version>;

export function createUpload(parts: UploadParts): Upload {
  const { pool, transfers, bases, profiles, history } = parts;

  /** What a person overwrites on purpose is somebody else's work: where it is not at hand it is worth a read, for the local history. */
  const holdTheirs = async ({ host, path, key }: Location, signal: AbortSignal) => {
    const theirs = bases.expected(key);
    if (theirs === undefined || theirs === 'missing' || theirs === bases.get(key)) return;
    if (theirs.size > heldLimit || history.held(key, theirs) !== undefined) return;
    const read = (remote: Remote, ended: AbortSignal) => readFile(remote, path, { signal: ended });
    const found = await pool.run(host, read, { signal, repeatable: true }).catch(() => undefined);
    if (found?.version.size === theirs.size && found.version.mtime === theirs.mtime) history.hold(key, theirs, found.bytes);
  };

  const track = <T>(location: Location, call: UploadCall | undefined, act: Parameters<typeof transfers.track<T>>[2]): Promise<T> => {
    const { signal, onProgress } = call ?? {};
    if (signal !== undefined && onProgress !== undefined) return act(({ bytes = 0 }) => onProgress(bytes), signal);
    return transfers.track({ verb: t('Saving'), name: basename(location.path), hostName: location.host.name }, signal, act);
  };

  return (location, content, options, call) => {
    const { host, path, key } = location;
    const expected = bases.expected(key);
    const base = expected === 'missing' ? undefined : expected;
    let seen: Uint8Array | undefined;
    const saving = track(location, call, (report, cancelled) =>
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
          const { saveThroughPool } = await import('../core/operations/saveThroughPool.ts');
          return saveThroughPool(pool, host, path, content, {
            ...options,
            ...(expected === 'missing' && { create: true, overwrite: false }),
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
}
