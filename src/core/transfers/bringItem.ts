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
import { bringLink } from './bringLink.ts';
import { createFolders, type Folders } from './folders.ts';
import { identityOf, type OnExists, type TransferGroup, type TransferItem, type TransferPlace } from './item.ts';
import { fillPartial, partialPath, removeIfThere, worthResuming } from './partialFile.ts';
import { createPlaceTurns } from './placeTurns.ts';

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

  const inTurn = createPlaceTurns();
  /** `isNew`: nothing can be there, since the folder was just made. */
  const bring = async (item: TransferItem, group: TransferGroup, call: BringCall, isNew: boolean, isAgain = false) => {
    const [from, to] = [placeOf(item.from), placeOf(item.to)];
    const there = isNew ? undefined : await lookAt(pool, to, call.signal);
    const target = there === undefined ? to.path : await decide(parts, { item, group, to, there }, call.signal);
    if (target === undefined) {
      if (hasPart(item) && (isAgain || item.bytes > 0)) await dropPartial(parts, to.host, await partialPath(item));
      return 'skipped';
    }
    const before = target === to.path ? there : undefined;
    const errand = { item, from, to: { ...to, path: target }, before };
    try {
      await (item.kind === 'link' ? bringLink(parts, errand, call) : bringFile(parts, errand, call));
    } catch (error) {
      // Somebody was faster, or changed what is to be replaced.
      const isOther = error instanceof ChangedTargetError || (before === undefined && isRemoteError(error, 'Exists'));
      if (!isOther || isAgain) throw error;
      return bring(item, group, call, false, !isNew);
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
        const isNew = await folders.ensure(parent(item.to.path), call.signal);
        return await inTurn(item.to, call.signal, () => bring(item, group, call, isNew));
      } catch (error) {
        throw toRemoteError(error).with({ path: item.from.path });
      }
    },
    end: (group) => void groups.delete(group.id),
    async drop(item) {
      if (!hasPart(item) || item.bytes === 0) return;
      try {
        const { host } = placeOf(item.to);
        const partial = await partialPath(item);
        await inTurn(item.to, new AbortController().signal, () => dropPartial(parts, host, partial));
      } catch {
        // The host is gone, or the journal's disk is: nothing can be said of what is there.
      }
    },
  };
}

/** Whether a failure may leave a part of it that is gone on with. */
function hasPart({ kind, size }: TransferItem): boolean {
  return kind === 'file' && size >= worthResuming;
}

async function dropPartial({ pool, journal }: BringItemParts, host: Host, partial: string): Promise<void> {
  try {
    await pool.run(host, (remote) => removeIfThere(remote, partial), { lane: 'bulk', background: true, changes: 'begun' });
    await journal(host)?.removeTemporary(partial);
  } catch {
    await abandonPartial(journal(host), partial);
  }
}

/** Its host is not to be reached now. */
async function abandonPartial(journal: SaveJournal | undefined, partial: string): Promise<void> {
  await journal?.addTemporary(partial);
  journal?.abandon(partial);
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

/** One item on its way. */
export interface Errand {
  readonly item: TransferItem;
  readonly from: Place;
  readonly to: Place;
  /** What is replaced. */
  readonly before: Attributes | undefined;
}

async function bringFile(parts: BringItemParts, errand: Errand, call: BringCall): Promise<void> {
  const { item, to } = errand;
  const partial = await partialPath(item);
  const journal = parts.journal(to.host);
  if (hasPart(item)) {
    // What a crash leaves of it is gone on with, and what was given up of it.
    await journal?.removeTemporary(partial);
    await fill(parts, errand, partial, call);
    return place(parts, errand, partial, call.signal);
  }
  await journal?.addTemporary(partial);
  try {
    await fill(parts, errand, partial, call);
    await place(parts, errand, partial, call.signal);
  } catch (error) {
    const reason = toRemoteError(error);
    await (isRemoteError(reason, 'Lost', 'Unreachable') ? abandonPartial(journal, partial) : dropPartial(parts, to.host, partial));
    throw reason;
  }
  await journal?.removeTemporary(partial);
}

function fill(parts: BringItemParts, errand: Errand, partial: string, call: BringCall): Promise<void> {
  const { item, from, to } = errand;
  const { size, mtime } = item;
  const isLarge = hasPart(item);
  return lease(parts.pool, from, to, call.signal, async (pair, signal) => {
    const assertUnchanged = async () => {
      const source = await pair.from.stat(from.path, { signal });
      if (source.size === size && (!isLarge || source.mtime === mtime)) return;
      await removeIfThere(pair.to, partial);
      throw new ChangedSourceError(from.path, source);
    };
    if (isLarge) await assertUnchanged();
    const filling = { ...pair, source: from.path, partial, size, mtime, given: givenTo(parts, errand), bandwidth: parts.bandwidth };
    try {
      await fillPartial(filling, { signal, onProgress: call.onProgress });
    } catch (error) {
      if (!isLarge && isRemoteError(error, 'Busy')) await assertUnchanged();
      throw error;
    }
  });
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

function place(parts: BringItemParts, { item, to, before }: Errand, partial: string, signal: AbortSignal): Promise<void> {
  const options = { overwrite: before !== undefined, journal: parts.journal(to.host), discard: parts.discard(to.host) };
  // A large one was long on its way.
  const isLate = before !== undefined && hasPart(item) && item.onExists !== 'overwrite';
  return parts.placing(to, () =>
    runChange(
      parts.pool,
      to.host,
      async (remote) => {
        if (isLate) assertSame(to.path, before, await lstatIfThere(remote, to.path, {}));
        await moveWithin(remote, partial, to.path, options);
      },
      { signal, changes: 'begun' },
    ),
  );
}

/** What is to be replaced is not what it was when that was decided. */
class ChangedTargetError extends RemoteError {
  constructor(path: string) {
    super('Busy', t('The file at the target was changed meanwhile.'), { path });
  }
}

function assertSame(path: string, before: Attributes, now: Attributes | undefined): void {
  if (now === undefined || (now.kind === before.kind && now.size === before.size && now.mtime === before.mtime)) return;
  throw new ChangedTargetError(path);
}
