import { isRemoteError, RemoteError, toRemoteError } from '../errors.ts';
import type { Host } from '../host.ts';
import { t } from '../l10n.ts';
import type { Discard } from '../operations/moveOver.ts';
import { moveWithin } from '../operations/move.ts';
import { lease, type Place } from '../operations/moveThroughPool.ts';
import type { SaveJournal } from '../operations/save.ts';
import { lstatIfThere } from '../operations/saveTarget.ts';
import { runChange } from '../operations/unsettled.ts';
import { basename, child, parent } from '../path.ts';
import type { Pool } from '../pool.ts';
import type { Attributes } from '../remote.ts';
import type { Bandwidth } from './bandwidth.ts';
import { createFolders, type Folders } from './folders.ts';
import { identityOf, type OnExists, type TransferGroup, type TransferItem, type TransferPlace } from './item.ts';
import { fillPartial, partialPath, removeIfThere, worthResuming } from './partialFile.ts';

export interface BringItemParts {
  /** This computer is one of its hosts. */
  readonly pool: Pool;
  /** By its `hostKey`; throws where there is no such host any more. */
  readonly hostOf: (name: string) => Host;
  /** Of a server; undefined for this computer. */
  readonly journal: (host: Host) => SaveJournal | undefined;
  /** What becomes of what is replaced. */
  readonly discard: (host: Host) => Discard | undefined;
  readonly bandwidth: Bandwidth;
  /** Whether times and permissions of files are kept. */
  readonly keeps: () => boolean;
  /** Asked for a file whose name is taken. */
  readonly ask: (item: TransferItem, group: TransferGroup, signal: AbortSignal) => Promise<Exclude<OnExists, 'ask'>>;
  /** Runs `act`, which brings something to its place, when nothing else changes that. */
  readonly placing: (to: Place, act: () => Promise<void>) => Promise<void>;
}

export interface BringCall {
  readonly signal: AbortSignal;
  readonly onProgress: (bytes: number) => void;
}

/** Brings items to their places. Throws only RemoteErrors. */
export interface BringItem {
  /** Resolves once it is whole at its place. */
  bring(item: TransferItem, group: TransferGroup, call: BringCall): Promise<'done' | 'skipped'>;
  /** Nothing more of that group comes. */
  end(group: TransferGroup): void;
  /** Nobody wants it any more: what is there of it is removed, now or when its host is connected again. Never rejects. */
  drop(item: TransferItem): Promise<void>;
}

export function createBringItem(parts: BringItemParts): BringItem {
  const { pool, hostOf } = parts;
  const groups = new Map<number, Folders>();
  const placeOf = ({ host, path }: TransferPlace): Place => ({ host: hostOf(host), path });
  const foldersOf = ({ id, into }: Pick<TransferGroup, 'id' | 'into'>): Folders => {
    const folders = groups.get(id) ?? createFolders(pool, hostOf(into.host), into.path);
    groups.set(id, folders);
    return folders;
  };

  const bring = async (item: TransferItem, group: TransferGroup, isNew: boolean, call: BringCall): Promise<'done' | 'skipped'> => {
    const [from, to] = [placeOf(item.from), placeOf(item.to)];
    const there = isNew ? undefined : await lookAt(pool, to, call.signal);
    const target = there === undefined ? to.path : await decide(parts, { item, group, to, there }, call.signal);
    if (target === undefined) return 'skipped';
    const before = target === to.path ? there : undefined;
    const errand = { item, from, to: { ...to, path: target }, before };
    try {
      await (item.kind === 'link' ? bringLink(parts, errand, call) : bringFile(parts, errand, call));
    } catch (error) {
      // Somebody was faster.
      if (!isNew || !isRemoteError(error, 'Exists')) throw error;
      return bring(item, group, false, call);
    }
    return 'done';
  };

  return {
    async bring(item, group, call) {
      try {
        const folders = foldersOf(group);
        if (item.kind === 'folder') {
          await folders.ensure(item.to.path, call.signal);
          return 'done';
        }
        return await bring(item, group, await folders.ensure(parent(item.to.path), call.signal), call);
      } catch (error) {
        throw toRemoteError(error).with({ path: item.from.path });
      }
    },
    end: (group) => void groups.delete(group.id),
    async drop(item) {
      if (item.kind !== 'file' || item.bytes === 0) return;
      try {
        await dropPartial(parts, placeOf(item.to).host, await partialPath(item));
      } catch {
        // The host is gone, or the journal's disk is: nothing can be said of what is there.
      }
    },
  };
}

async function dropPartial({ pool, journal }: BringItemParts, host: Host, partial: string): Promise<void> {
  try {
    await pool.run(host, (remote) => removeIfThere(remote, partial), { lane: 'bulk', background: true, changes: 'begun' });
  } catch {
    const notes = journal(host);
    await notes?.addTemporary(partial);
    notes?.abandon(partial);
  }
}

function lookAt(pool: Pool, { host, path }: Place, signal: AbortSignal): Promise<Attributes | undefined> {
  return pool.run(host, (remote, ended) => lstatIfThere(remote, path, { signal: ended }), { signal, lane: 'bulk', repeatable: true });
}

interface Meeting {
  readonly item: TransferItem;
  readonly group: TransferGroup;
  readonly to: Place;
  readonly there: Attributes;
}

/** Where it goes; undefined: nowhere. */
async function decide(parts: BringItemParts, { item, group, to, there }: Meeting, signal: AbortSignal): Promise<string | undefined> {
  if (there.kind === 'directory') throw new RemoteError('IsADirectory', t('There is a folder of this name.'), { path: to.path });
  const way = item.onExists === 'ask' ? await parts.ask(item, group, signal) : item.onExists;
  if (way === 'overwrite') return to.path;
  if (way === 'rename') return freePath(parts.pool, to, signal);
  return way === 'newer' && isNewer(item, there) ? to.path : undefined;
}

/** Some servers tell times by two seconds. */
const coarse = 2000;

/** For sure: what tells no time is not. */
function isNewer({ mtime }: TransferItem, there: Attributes): boolean {
  return mtime !== undefined && there.mtime !== undefined && mtime >= there.mtime + coarse;
}

/** `name copy.txt`, `name copy 2.txt` … */
async function freePath(pool: Pool, { host, path }: Place, signal: AbortSignal): Promise<string> {
  const name = basename(path);
  const dot = name.lastIndexOf('.');
  const [stem, end] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  for (let number = 1; ; number += 1) {
    const free = child(parent(path), `${stem} copy${number === 1 ? '' : ` ${number}`}${end}`);
    if ((await lookAt(pool, { host, path: free }, signal)) === undefined) return free;
  }
}

interface Errand {
  readonly item: TransferItem;
  readonly from: Place;
  readonly to: Place;
  /** What is replaced. */
  readonly before: Attributes | undefined;
}

async function bringFile(parts: BringItemParts, errand: Errand, call: BringCall): Promise<void> {
  const { item, from, to } = errand;
  const partial = await partialPath(item);
  const isLarge = item.size >= worthResuming;
  // What a crash leaves of a large one is gone on with.
  const journal = isLarge ? undefined : parts.journal(to.host);
  await journal?.addTemporary(partial);
  try {
    await lease(parts.pool, from, to, call.signal, async (pair, signal) => {
      const source = isLarge ? await pair.from.stat(from.path, { signal }) : undefined;
      if (source !== undefined && (source.size !== item.size || source.mtime !== item.mtime)) {
        await removeIfThere(pair.to, partial);
        throw new ChangedSourceError(from.path, source);
      }
      const given = givenTo(parts, errand);
      const { bandwidth } = parts;
      const { size, mtime } = item;
      await fillPartial({ ...pair, source: from.path, partial, size, mtime, given, bandwidth }, { signal, onProgress: call.onProgress });
    });
    await place(parts, errand, partial, call.signal);
  } catch (error) {
    const reason = toRemoteError(error);
    if (reason.dropsConnection) journal?.abandon(partial);
    else await journal?.removeTemporary(partial);
    throw reason;
  }
  await journal?.removeTemporary(partial);
}

/** The source is not what was listed: the item is to be brought as what it is now. */
export class ChangedSourceError extends RemoteError {
  readonly source: ReturnType<typeof identityOf>;

  constructor(path: string, now: Attributes) {
    super('Busy', t('The file was changed after it was listed.'), { path });
    this.source = identityOf(now);
  }
}

/** Where something is replaced its permissions stay. */
function givenTo({ keeps }: BringItemParts, { item, before }: Errand) {
  const kept = keeps();
  const mode = before?.kind === 'file' ? before.mode : kept ? item.mode : undefined;
  return { mode: mode === undefined ? undefined : mode & 0o777, mtime: kept ? item.mtime : undefined };
}

function place(parts: BringItemParts, { to, before }: Errand, partial: string, signal: AbortSignal): Promise<void> {
  const options = { overwrite: before !== undefined, journal: parts.journal(to.host), discard: parts.discard(to.host) };
  return parts.placing(to, () =>
    runChange(parts.pool, to.host, (remote) => moveWithin(remote, partial, to.path, options), { signal, changes: 'begun' }),
  );
}

async function bringLink(parts: BringItemParts, { from, to, before }: Errand, { signal }: BringCall): Promise<void> {
  const text = await parts.pool.run(
    from.host,
    async (remote, ended) =>
      (await remote.lstat(from.path, { signal: ended })).target ?? (await remote.readLink?.(from.path, { signal: ended })),
    { signal, lane: 'bulk', repeatable: true },
  );
  if (text === undefined) throw new RemoteError('Unsupported', t('The server does not tell where the link leads.'), { path: from.path });
  await parts.placing(to, () =>
    parts.pool.run(
      to.host,
      async (remote, ended) => {
        if (remote.symlink === undefined) throw new RemoteError('Unsupported', t('The server makes no links.'), { path: to.path });
        if (before?.kind === 'symlink') await remote.unlink(to.path, { signal: ended });
        else if (before !== undefined) throw new RemoteError('Exists', t('There is already a file with this name.'), { path: to.path });
        await remote.symlink(text, to.path, { signal: ended });
      },
      { signal, lane: 'bulk', changes: 'new' },
    ),
  );
}
