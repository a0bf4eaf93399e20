import * as vscode from 'vscode';
import { contains } from '../core/path.ts';
import type { Pool } from '../core/pool.ts';
import type { Attributes, Entry, Remote } from '../core/remote.ts';
import { isRemoteError } from '../core/errors.ts';
import { forEachBounded, settleAll } from '../core/operations/bounded.ts';
import { isTemporaryName } from '../core/operations/temporary.ts';
import type { Version } from '../core/operations/version.ts';
import type { StatCache } from '../core/statCache.ts';
import { type Location, uriOf } from './uri.ts';

/** Folders that are looked at again, at most; the ones listed last. */
const folderLimit = 40;
/** Folders that are listed at once. */
const listsAtOnce = 4;
/** Files that are looked at in one flight, where the server takes several calls at once. */
const filesAtOnce = 200;

type Signature = string;

interface SeenFolder {
  readonly location: Location;
  readonly entries: ReadonlyMap<string, Signature>;
}

export interface Watch {
  /** A folder was listed just now. */
  listed(location: Location, entries: readonly Entry[]): void;
  /** Ours: the entry changed by this window, which was announced; what was seen of it is no base for a comparison any more. */
  touched(location: Location): void;
  /** VS Code wants changes below or at this place. */
  add(location: Location, recursive: boolean): vscode.Disposable;
  dispose(): void;
}

export interface WatchParts {
  readonly pool: Pool;
  readonly locate: (uri: vscode.Uri) => Location;
  readonly isRemote: (uri: vscode.Uri) => boolean;
  /** The version that this window's content of a file is based on. */
  readonly base: (key: string) => Pick<Version, 'size' | 'mtime'> | undefined;
  /** Seconds; 0: off. Asked before each look. */
  readonly interval: () => number;
  readonly announce: (events: readonly vscode.FileChangeEvent[]) => void;
  /** Learns what was listed. */
  readonly cache: StatCache;
}

/**
 * The protocols have no change notices, so open documents and lately listed folders are looked at now and then: only on hosts that are
 * in use anyway, only while the window has the focus, never before the look before it ended.
 */
export function createWatch(parts: WatchParts): Watch {
  const folders = new Map<string, SeenFolder>();
  const files = new Map<string, Signature>();
  const wanted = new Set<{ readonly key: string; readonly recursive: boolean }>();
  let timer: NodeJS.Timeout | undefined;
  let ended = false;

  const isWanted = ({ key }: Location) =>
    [...wanted].some((one) => one.key === key || (one.recursive ? contains(one.key, key) : isChildOf(one.key, key)));

  const look = async (): Promise<void> => {
    if (!vscode.window.state.focused) return;
    const listed = [...folders.values()].map(({ location: { host, path } }) => uriOf(host, path));
    const places = located(parts, [...documents(parts), ...listed]).filter(isWanted);
    const groups = Map.groupBy(places, ({ host }) => `${host.protocol} ${host.name}`);
    await Promise.all([...groups.values()].map((group) => lookAtHost([...new Map(group.map((each) => [each.key, each])).values()])));
  };

  /** Never rejects. */
  const lookAtHost = async (places: readonly Location[]): Promise<void> => {
    const host = places[0]?.host;
    if (host === undefined) return;
    const look = (remote: Remote, signal: AbortSignal) => lookAt(remote, places, signal);
    await parts.pool.run(host, look, { lane: 'bulk', background: true }).catch(() => undefined);
  };

  const lookAt = async (remote: Remote, places: readonly Location[], signal: AbortSignal): Promise<void> => {
    const compare = async (place: Location) => {
      try {
        const before = folders.get(place.key);
        const events = before ? await compareFolder(remote, before, signal) : await compareFile(remote, place, signal);
        if (events.length > 0) parts.announce(events);
      } catch (error) {
        // One that may not be looked at keeps nobody from the others.
        if (!isRemoteError(error) || error.dropsConnection || error.code === 'Cancelled') throw error;
      }
    };
    const isListed = ({ key }: Location) => folders.has(key);
    await settleAll([
      forEachBounded(
        places.filter((place) => !isListed(place)),
        filesAtOnce,
        compare,
      ),
      forEachBounded(places.filter(isListed), Math.min(listsAtOnce, remote.facts.parallel), compare),
    ]);
  };

  const compareFolder = async (remote: Remote, before: SeenFolder, signal: AbortSignal): Promise<vscode.FileChangeEvent[]> => {
    const { location } = before;
    try {
      const asOf = parts.cache.changes;
      const entries = await remote.list(location.path, { signal });
      const after = signatures(entries);
      // What this window did meanwhile was announced already, and this listing may be older.
      if (folders.get(location.key) !== before) return [];
      folders.set(location.key, { location, entries: after });
      parts.cache.keepListing(location.key, entries, asOf);
      return differences(location, before.entries, after);
    } catch (error) {
      if (!isRemoteError(error, 'NotFound', 'NotADirectory')) throw error;
      folders.delete(location.key);
      return [{ type: vscode.FileChangeType.Deleted, uri: uriOf(location.host, location.path) }];
    }
  };

  const compareFile = async (remote: Remote, { host, path, key }: Location, signal: AbortSignal): Promise<vscode.FileChangeEvent[]> => {
    const before = files.get(key);
    const base = parts.base(key);
    // Somebody may have changed it before the first look.
    const known = before ?? (base && signature({ kind: 'file', ...base }));
    const after = await remote.stat(path, { signal }).then(signature, (error: unknown) => {
      if (isRemoteError(error, 'NotFound')) return 'gone';
      throw error;
    });
    if (before !== undefined && files.get(key) !== before) return [];
    files.set(key, after);
    if (known === undefined || known === after) return [];
    return [{ type: after === 'gone' ? vscode.FileChangeType.Deleted : vscode.FileChangeType.Changed, uri: uriOf(host, path) }];
  };

  const tick = () => {
    if (ended) return;
    const seconds = parts.interval();
    timer = setTimeout(
      () => {
        if (seconds <= 0) tick();
        else void look().finally(tick);
      },
      (seconds > 0 ? Math.max(1, seconds) : 5) * 1000,
    );
  };
  tick();

  return {
    listed(location, entries) {
      folders.delete(location.key);
      folders.set(location.key, { location, entries: signatures(entries) });
      const [oldest] = folders.keys();
      if (folders.size > folderLimit && oldest !== undefined) folders.delete(oldest);
    },
    touched({ key }) {
      for (const known of [...files.keys()]) if (contains(key, known)) files.delete(known);
      for (const known of [...folders.keys()]) if (contains(key, known) || isChildOf(known, key)) folders.delete(known);
    },
    add(location, recursive) {
      const wish = { key: location.key, recursive };
      wanted.add(wish);
      return new vscode.Disposable(() => wanted.delete(wish));
    },
    dispose() {
      ended = true;
      clearTimeout(timer);
    },
  };
}

function isChildOf(folder: string, path: string): boolean {
  return path.startsWith(`${folder}/`) && !path.slice(folder.length + 1).includes('/');
}

function documents({ isRemote }: WatchParts): vscode.Uri[] {
  return vscode.workspace.textDocuments.filter(({ uri, isClosed }) => !isClosed && isRemote(uri)).map(({ uri }) => uri);
}

/** By the settings of now: those of a host may have changed since a folder was listed, and old ones would end its connections. */
function located({ locate }: WatchParts, uris: readonly vscode.Uri[]): Location[] {
  return uris.flatMap((uri) => {
    try {
      return [locate(uri)];
    } catch {
      // Its host was removed meanwhile; reading and saving say so.
      return [];
    }
  });
}

function signature({ kind, size, mtime }: Pick<Attributes, 'kind' | 'size' | 'mtime'>): Signature {
  return `${kind} ${size} ${mtime ?? ''}`;
}

/** A folder's own time and size say nothing that its listing would not say. */
function signatures(entries: readonly Entry[]): Map<string, Signature> {
  const shown = entries.filter(({ name }) => !isTemporaryName(name));
  return new Map(shown.map((entry) => [entry.name, entry.kind === 'directory' ? 'directory' : signature(entry)]));
}

function differences(
  { host, path }: Location,
  before: ReadonlyMap<string, Signature>,
  after: ReadonlyMap<string, Signature>,
): vscode.FileChangeEvent[] {
  const event = (type: vscode.FileChangeType, name: string) => ({ type, uri: uriOf(host, path === '/' ? `/${name}` : `${path}/${name}`) });
  const gone = [...before.keys()].filter((name) => !after.has(name)).map((name) => event(vscode.FileChangeType.Deleted, name));
  const others = [...after].flatMap(([name, now]) => {
    const then = before.get(name);
    if (then === now) return [];
    return [event(then === undefined ? vscode.FileChangeType.Created : vscode.FileChangeType.Changed, name)];
  });
  return [...gone, ...others];
}
