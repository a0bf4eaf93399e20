import * as vscode from 'vscode';
import type { Bases } from '../core/bases.ts';
import { copyOf } from '../core/bytes.ts';
import type { Disposable } from '../core/events.ts';
import type { HeldTargets } from '../core/heldTargets.ts';
import { t } from '../core/l10n.ts';
import { describeEntry, type Description } from '../core/operations/describeEntry.ts';
import { type ReadFile, readFile } from '../core/operations/readFile.ts';
import { resolveLinks } from '../core/operations/resolveLinks.ts';
import { isTemporaryName } from '../core/operations/temporary.ts';
import { basename, contains } from '../core/path.ts';
import type { Pool } from '../core/pool.ts';
import type { Attributes, Entry, Kind, Remote } from '../core/remote.ts';
import { SharedCalls } from '../core/sharedCalls.ts';
import type { StatCache } from '../core/statCache.ts';
import type { TransferProgress, Transfers } from '../core/transfers.ts';
import { fileStat, fileType } from './fileStat.ts';
import type { History } from './history.ts';
import { LinkNames } from './linkNames.ts';
import { readySaves } from './readySaves.ts';
import type { Location } from './uri.ts';
import type { Watch } from './watch.ts';

/** How long, in ms, a save may take to come after it was announced: formatters run between. */
const announcedTime = 10_000;
/** So many changes at once are not looked at one by one. */
const eventLimit = 100;

/**
 * What VS Code sees of entries, folders and files. Equal questions that come together are one; what was seen a moment ago, by an open, a save
 * or a listing, is not asked again. Throws RemoteErrors.
 */
export interface Looks extends Disposable {
  stat(uri: vscode.Uri, location: Location): Promise<vscode.FileStat>;
  list(location: Location): Promise<[string, vscode.FileType][]>;
  /** As `list`, with all that the listing told. */
  entries(location: Location): Promise<readonly ListedEntry[]>;
  /** `isBase`: false if a document shows an older content and has to be told. */
  read(uri: vscode.Uri, location: Location): Promise<{ readonly bytes: Uint8Array; readonly isBase: boolean }>;
  /** This window has saved the file and its base is what the server confirmed: `announce` tells VS Code, whose next questions are answered. */
  saved(location: Location, announce: () => void): void;
  /** By whomever. */
  changed(events: readonly vscode.FileChangeEvent[]): void;
  /** Of the place and all below it, or of everything: it may have changed. */
  forget(location?: Location): void;
}

export interface ListedEntry extends Entry {
  /** Of what a symbolic link leads to; undefined for a broken one, and for all else. */
  readonly leadsTo: Kind | undefined;
}

export interface LooksParts {
  readonly pool: Pool;
  readonly transfers: Transfers;
  readonly bases: Bases;
  readonly history: History;
  readonly watch: Watch;
  readonly held: HeldTargets;
  readonly cache: StatCache;
  locate(uri: vscode.Uri): Location;
  isRemote(uri: vscode.Uri): boolean;
}

export function createLooks(parts: LooksParts): Looks {
  const { pool, bases, cache } = parts;
  const linkNames = new LinkNames();
  const stats = new SharedCalls<Description>();
  const lists = new SharedCalls<readonly ListedEntry[]>();
  const reads = new SharedCalls<ReadFile>();
  /** Of files that are being read: what the bytes belong to, which is known before they are there. */
  const opening = new Map<string, Promise<Attributes>>();
  /** By the file's key, when VS Code said that it is about to save it. */
  const saving = new Map<string, number>();

  const track = <T>(verb: string, { host, path }: Location, task: (report: Report, signal: AbortSignal) => Promise<T>): Promise<T> =>
    parts.transfers.track({ verb, name: basename(path) || '/', hostName: host.name }, undefined, task);

  const isAnnounced = (key: string): boolean => Date.now() - (saving.get(key) ?? 0) <= announcedTime;

  const ask = ({ host, path, key }: Location): Promise<Description> => {
    const asOf = cache.changes;
    const look = (remote: Remote, signal: AbortSignal) => describeEntry(remote, path, { signal });
    // Saving is asked for by the person, and begins with this: it is tried although the last log-in failed.
    const demanded = isAnnounced(key);
    return stats.run(key, async () => {
      const description = await pool.run(host, look, { repeatable: true, demanded });
      cache.keep(key, description, asOf);
      return description;
    });
  };

  /**
   * Before VS Code has a document saved it looks whether the file is newer than what it has read. Ferry's save looks itself, and more closely:
   * so VS Code is told of the version that the document is based on, and no round trip is spent on that.
   */
  const beforeSave = (key: string): Description | undefined => {
    if (!isAnnounced(key)) return undefined;
    const [base, last] = [bases.get(key), cache.last(key)];
    const isBase =
      base !== undefined && last?.target?.kind === 'file' && last.target.size === base.size && last.target.mtime === base.mtime;
    return isBase ? last : undefined;
  };

  /** VS Code asks for a file and for its content at once: the content's own attributes are the answer, where they tell all. */
  const whileRead = async (key: string): Promise<Description | undefined> => {
    const last = cache.last(key);
    if (last?.entry.kind === 'directory') return undefined;
    if (!opening.has(key)) await nextTurn();
    const attributes = await opening.get(key)?.catch(() => undefined);
    return attributes === undefined ? undefined : withFile(last, attributes);
  };

  const readOnce = (location: Location): Promise<ReadFile> => {
    const { host, path, key } = location;
    const { promise, resolve, reject } = Promise.withResolvers<Attributes>();
    promise.catch(() => undefined);
    opening.set(key, promise);
    const asOf = cache.changes;
    const onAttributes = (attributes: Attributes) => {
      const description = withFile(cache.last(key), attributes);
      if (description !== undefined) cache.keep(key, description, asOf);
      resolve(attributes);
      // From now on the cache knows, for a moment; the bytes may take long.
      if (opening.get(key) === promise) opening.delete(key);
    };
    const reading = track(t('Reading'), location, (report, signal) => {
      const read = (remote: Remote, ended: AbortSignal) =>
        readFile(remote, path, { signal: ended, onProgress: (bytes) => report({ bytes }), onAttributes });
      return pool.run(host, read, { signal, repeatable: true });
    });
    return reading.finally(() => {
      reject(new Error('The file could not be read.'));
      if (opening.get(key) === promise) opening.delete(key);
    });
  };

  const listOnce = (location: Location): Promise<readonly ListedEntry[]> =>
    track(t('Listing'), location, async (_, signal) => {
      const { host, path, key } = location;
      const asOf = cache.changes;
      const list = async (remote: Remote, ended: AbortSignal) => {
        const listed = linkNames.leaveOut(location, await remote.list(path, { signal: ended }));
        const entries = listed.filter(({ name }) => !isTemporaryName(name) || !(name.endsWith('.tmp') || parts.held.hides(location, name)));
        return { entries, kinds: await resolveLinks(remote, path, entries, { signal: ended }) };
      };
      const { entries, kinds } = await pool.run(host, list, { signal, repeatable: true });
      parts.watch.listed(location, entries);
      cache.keepListing(key, entries, asOf);
      return entries.map((entry) => ({ ...entry, leadsTo: kinds.get(entry.name) }));
    });

  const forget = (key: string, isBelow: boolean) => {
    cache.forget(key, { isBelow });
    const isOutdated = (known: string) => (isBelow ? contains(key, known) : known === key);
    for (const calls of [stats, lists, reads]) calls.forget(isOutdated);
    for (const known of [...opening.keys()]) if (isOutdated(known)) opening.delete(known);
  };

  const keyOf = (uri: vscode.Uri) => {
    try {
      return parts.locate(uri).key;
    } catch {
      // Its host was removed meanwhile.
      return '/';
    }
  };

  const announced = vscode.workspace.onWillSaveTextDocument(({ document: { uri } }) => {
    if (parts.isRemote(uri)) saving.set(parts.locate(uri).key, Date.now());
  });

  const ready = readySaves(parts);

  return {
    async stat(uri, location) {
      const { key } = location;
      const known = beforeSave(key) ?? (await whileRead(key)) ?? cache.recent(key);
      const stat = fileStat(known ?? (await ask(location)));
      /*
       * VS Code refuses to save over a newer file of another size by itself, in words and with choices of its own that Ferry's later and
       * closer look does not learn of: the person would be asked twice, and again. So of a document with unsaved changes it is told the
       * time of the version that these are based on; what has changed since is found, and said once, by the save. That version may be newer
       * than what VS Code knows, where its content is the same: for a save it is told none that could be.
       */
      const base = bases.get(key)?.mtime;
      if (base === undefined || !hasUnsavedChanges(uri)) return stat;
      return isAnnounced(key) ? { ...stat, mtime: 0 } : { ...stat, mtime: Math.min(stat.mtime, base) };
    },
    async list(location) {
      const entries = await lists.run(location.key, () => listOnce(location));
      return entries.map(({ name, kind, leadsTo }) => [name, fileType(kind, leadsTo)]);
    },
    entries: (location) => lists.run(location.key, () => listOnce(location)),
    async read(uri, location) {
      const { key } = location;
      const isJoined = reads.running(key) !== undefined;
      const { bytes, version } = await reads.run(key, () => readOnce(location));
      // Who was first may do with its bytes what it wants.
      if (isJoined) return { bytes: copyOf(bytes), isBase: true };
      parts.history.hold(key, version, bytes);
      return { bytes, isBase: bases.read(key, version, isShown(uri)) };
    },
    saved({ key }, announce) {
      const [last, base] = [cache.last(key), bases.get(key)];
      saving.delete(key);
      announce();
      const description = base && last?.target && withFile(last, { ...last.target, size: base.size, mtime: base.mtime });
      if (description !== undefined) cache.keep(key, description, cache.changes);
    },
    changed(events) {
      if (events.length > eventLimit) forget('/', true);
      else for (const { type, uri } of events) forget(keyOf(uri), type !== vscode.FileChangeType.Changed);
    },
    forget: (location) => forget(location?.key ?? '/', true),
    dispose() {
      announced.dispose();
      ready.dispose();
      cache.dispose();
    },
  };
}

type Report = (progress: TransferProgress) => void;

/** So that what VS Code asked for together has arrived. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A file whose `attributes` are known now, as an entry of which `last` was known; undefined where both together do not tell all of it. */
function withFile(last: Description | undefined, attributes: Attributes): Description | undefined {
  if (attributes.kind !== 'file') return undefined;
  const isTold = attributes.mode !== undefined || attributes.writable !== undefined;
  const known = last?.target?.kind === 'file' ? last.target : undefined;
  if (!isTold && known === undefined) return undefined;
  const target = isTold ? attributes : { ...known, ...attributes, mode: known?.mode, writable: known?.writable };
  return { entry: last?.entry.kind === 'symlink' ? last.entry : target, target };
}

function hasUnsavedChanges(uri: vscode.Uri): boolean {
  return documentsOf(uri).some(({ isDirty }) => isDirty);
}

function isShown(uri: vscode.Uri): boolean {
  return documentsOf(uri).some(({ isClosed }) => !isClosed);
}

function documentsOf(uri: vscode.Uri): readonly vscode.TextDocument[] {
  const wanted = uri.toString();
  return vscode.workspace.textDocuments.filter((document) => document.uri.toString() === wanted);
}
