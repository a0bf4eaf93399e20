import { isRemoteError, RemoteError, toRemoteError } from '../errors.ts';
import type { Host } from '../host.ts';
import { t } from '../l10n.ts';
import type { Discard } from '../operations/moveOver.ts';
import { moveWithin } from '../operations/move.ts';
import { lease, type Place } from '../operations/moveThroughPool.ts';
import type { SaveJournal } from '../operations/save.ts';
import { lstatIfThere } from '../operations/saveTarget.ts';
import { runChange } from '../operations/unsettled.ts';
import { parent } from '../path.ts';
import type { Pool } from '../pool.ts';
import type { Attributes } from '../remote.ts';
import type { Bandwidth } from './bandwidth.ts';
import { bringLink } from './bringLink.ts';
import { fillErrand } from './fillErrand.ts';
import { createFolders, type Folders } from './folders.ts';
import { assertSameServer, type TransferGroup, type TransferItem, type TransferPlace } from './item.ts';
import { type AskAboutMeeting, decide, lookAt } from './meeting.ts';
import { leavesPart, partialPath, removeIfThere } from './partialFile.ts';
import { createPlaceTurns } from './placeTurns.ts';
import { removeBrought, removeEmptyFolders, UnlikeError } from './removeBrought.ts';
import { resumeThere } from './resumeThere.ts';

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
  readonly ask: AskAboutMeeting;
  /** Runs `act`, which brings something to its place, when nothing else changes that. */
  readonly placing: (to: Place, act: () => Promise<void>) => Promise<void>;
  /** Runs `act`, which removes what was at `from` and is at `to` now, when nothing else changes it. */
  readonly leaving: (from: Place, to: Place, act: () => Promise<void>) => Promise<void>;
}

export interface BringCall {
  readonly signal: AbortSignal;
  readonly onProgress: (bytes: number) => void;
}

/** Brings items to their places. Throws only RemoteErrors. */
export interface BringItem {
  /** Resolves once it is whole at its place. */
  bring(item: TransferItem, group: TransferGroup, call: BringCall): Promise<'done' | 'skipped'>;
  /** Nothing more of that group comes: of what was moved the emptied folders are removed. Never rejects. */
  end(group: TransferGroup): Promise<void>;
  /** Nobody wants it any more: what is there of it is removed, now or when its host is connected again. Never rejects. */
  drop(item: TransferItem): Promise<void>;
}

export function createBringItem(parts: BringItemParts): BringItem {
  const { pool, hostOf } = parts;
  const groups = new Map<number, Folders>();
  const placeOf = (place: TransferPlace): Place => {
    const host = hostOf(place.host);
    assertSameServer(place, host);
    return { host, path: place.path };
  };
  const foldersOf = ({ id, into }: Pick<TransferGroup, 'id' | 'into'>): Folders => {
    const folders = groups.get(id) ?? createFolders(pool, () => placeOf(into).host, into.path);
    groups.set(id, folders);
    return folders;
  };

  const inTurn = createPlaceTurns();
  /** What was brought by a move and is to be removed where it was; by the ids of the items. */
  const brought = new Map<number, string>();
  /** Resolves to where it is now; undefined: it was left where it is. */
  const bring = async (item: TransferItem, group: TransferGroup, call: BringCall, course: Course): Promise<string | undefined> => {
    const { isNew = false, isAgain = false, isRefused = false } = course;
    const [from, to] = [placeOf(item.from), placeOf(item.to)];
    const there = isNew ? undefined : await lookAt(pool, to, call.signal);
    const free = { path: to.path, resumes: false };
    const way = there === undefined ? free : await decide(parts, { item, group, to, there, isRefused }, call.signal);
    if (way === undefined) {
      if (leavesPart(item) && (isAgain || item.bytes > 0)) await dropPartial(parts, to.host, await partialPath(item));
      return undefined;
    }
    const before = way.path === to.path ? there : undefined;
    const errand = { item, from, to: { ...to, path: way.path }, before, moves: group.direction === 'move' };
    if (way.resumes && there !== undefined) {
      const outcome = await resume(parts, errand, there, call);
      if (outcome === 'other') return bring(item, group, call, { isAgain, isRefused: true });
      if (outcome !== 'anew') return outcome === 'done' ? way.path : undefined;
    }
    try {
      await (item.kind === 'link' ? bringLink(parts, errand, call) : bringFile(parts, errand, call));
    } catch (error) {
      // Somebody was faster, or changed what is to be replaced.
      const isOther = error instanceof ChangedTargetError || (before === undefined && isRemoteError(error, 'Exists'));
      if (!isOther || isAgain) throw error;
      return bring(item, group, call, { isAgain: !isNew });
    }
    return way.path;
  };
  const leave = async (item: TransferItem, target: string, { signal }: BringCall) => {
    brought.set(item.id, target);
    const [from, to] = [placeOf(item.from), { ...placeOf(item.to), path: target }];
    try {
      await parts.leaving(from, to, () => removeBrought(pool, item, from, to, signal));
    } catch (error) {
      // What is not the same on both sides is brought anew.
      if (error instanceof UnlikeError) brought.delete(item.id);
      throw error;
    }
    brought.delete(item.id);
  };

  return {
    async bring(item, group, call) {
      try {
        for (const place of [item.from, item.to]) placeOf(place);
        const folders = foldersOf(group);
        if (item.kind === 'folder') {
          await folders.ensure(item.to.path, call.signal);
          return 'done';
        }
        const isNew = await folders.ensure(parent(item.to.path), call.signal);
        return await inTurn(item.to, call.signal, async () => {
          const target = brought.get(item.id) ?? (await bring(item, group, call, { isNew }));
          if (target !== undefined && group.direction === 'move') await leave(item, target, call);
          return target === undefined ? 'skipped' : 'done';
        });
      } catch (error) {
        throw toRemoteError(error).with({ path: item.from.path });
      }
    },
    async end(group) {
      groups.delete(group.id);
      try {
        if (group.direction === 'move') await removeEmptyFolders(pool, group, placeOf);
      } catch {
        // They are empty: nothing is lost where they stay.
      }
    },
    async drop(item) {
      brought.delete(item.id);
      if (!leavesPart(item) || item.bytes === 0) return;
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

interface Course {
  /** Nothing can be there, since the folder was just made. */
  readonly isNew?: boolean;
  readonly isAgain?: boolean;
  /** What is there is no beginning of it. */
  readonly isRefused?: boolean;
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

/** One item on its way. */
export interface Errand {
  readonly item: TransferItem;
  readonly from: Place;
  readonly to: Place;
  /** What is replaced. */
  readonly before: Attributes | undefined;
  /** The source is to be removed afterwards. */
  readonly moves: boolean;
}

async function bringFile(parts: BringItemParts, errand: Errand, call: BringCall): Promise<void> {
  const { item, to } = errand;
  const partial = await partialPath(item);
  const journal = parts.journal(to.host);
  if (leavesPart(item)) {
    // What a crash leaves of it is gone on with, and what was given up of it.
    await journal?.removeTemporary(partial);
    await fillErrand(parts, errand, partial, call);
    return place(parts, errand, partial, call.signal);
  }
  await journal?.addTemporary(partial);
  try {
    await fillErrand(parts, errand, partial, call);
    await place(parts, errand, partial, call.signal);
  } catch (error) {
    const reason = toRemoteError(error);
    await (isRemoteError(reason, 'Lost', 'Unreachable') ? abandonPartial(journal, partial) : dropPartial(parts, to.host, partial));
    throw reason;
  }
  await journal?.removeTemporary(partial);
}

/** The old content and the new are one file: nothing else may write to it meanwhile. */
async function resume(parts: BringItemParts, { item, from, to }: Errand, there: Attributes, call: BringCall) {
  const { pool, bandwidth, placing, keeps } = parts;
  const { size, mtime } = item;
  const given = { mode: undefined, mtime: keeps() ? mtime : undefined };
  const seen: { outcome: Awaited<ReturnType<typeof resumeThere>> } = { outcome: 'other' };
  await placing(to, () =>
    lease(pool, from, to, call.signal, async (pair, signal) => {
      const filling = { ...pair, source: from.path, partial: to.path, size, mtime, given, bandwidth };
      seen.outcome = await resumeThere(filling, there, { signal, onProgress: call.onProgress });
    }),
  );
  return seen.outcome;
}

function place(parts: BringItemParts, { item, to, before }: Errand, partial: string, signal: AbortSignal): Promise<void> {
  const options = { overwrite: before !== undefined, journal: parts.journal(to.host), discard: parts.discard(to.host) };
  // A large one was long on its way.
  const isLate = before !== undefined && leavesPart(item) && item.onExists !== 'overwrite';
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
