import { forEachBounded } from '../../core/operations/bounded.ts';
import type { Pool } from '../../core/pool.ts';
import { hashLimit } from '../../core/operations/version.ts';
import type { Remote } from '../../core/remote.ts';
import { compareContents } from '../../core/sync/contents.ts';
import type { SyncDirection } from '../../core/sync/decision.ts';
import type { SyncPlan } from '../../core/sync/plan.ts';
import { planFrom, type Survey, surveyFolder } from '../../core/sync/survey.ts';
import type { Exchanges } from '../mapping/exchanges.ts';
import type { Profiles } from '../profiles.ts';
import type { LinkedPlace } from './linkedPlace.ts';

export interface PlanningParts {
  readonly pool: Pool;
  readonly exchanges: Exchanges;
  readonly profiles: Profiles;
  /** The disk of this computer. */
  readonly local: () => Promise<Remote>;
}

/** A folder and its place as they were seen, and the plans that can be made of that. */
export interface Planning {
  readonly place: LinkedPlace;
  plan(direction: SyncDirection): SyncPlan;
  /** Files of the same size on both sides whose contents were not compared yet. `doubtful`: those whose times say that they may differ. */
  comparable(): { readonly all: readonly string[]; readonly doubtful: readonly string[] };
  /** Reads them on both sides; what is the same is agreed on. */
  compare(relatives: readonly string[], signal: AbortSignal, onProgress: (count: number, current: string) => void): Promise<void>;
}

/**
 * `unsure`: keys of files whose upload failed, so that the server may have them all the same: their contents are compared, and it is no
 * question to a person. Throws RemoteErrors. Nothing is changed anywhere.
 */
export async function startPlanning(
  parts: PlanningParts,
  place: LinkedPlace,
  signal: AbortSignal,
  unsure: ReadonlySet<string> = new Set(),
): Promise<Planning> {
  const { pool, exchanges, profiles } = parts;
  await exchanges.ready;
  const { host } = place.folder.location;
  const local = await parts.local();
  const ahead = profiles.get(host.name).clockAhead ?? 0;
  const look = (remote: Remote, ended: AbortSignal) =>
    surveyFolder(local, remote, place, { ahead, now: Date.now(), signal: ended, further: furtherLooks(pool, place, remote) });
  const survey = await pool.run(host, look, { signal, repeatable: true });
  const contents = new Map<string, boolean>();
  const sizes = new Map(survey.here.map(({ relative, attributes }) => [relative, attributes.size]));
  const filesAt = (relative: string) => {
    const { uri, location } = place.at(relative);
    return { here: uri.path, there: location.path, size: sizes.get(relative) ?? 0 };
  };
  const planning: Planning = {
    place,
    plan: (direction) => planFrom(survey, place, direction, contents),
    comparable() {
      const all = sameSizes(survey).filter((relative) => !contents.has(relative));
      const doubtful = new Set(
        planFrom(survey, place, 'both', contents)
          .rows.filter(({ reason }) => reason === 'sameSize')
          .map(({ relative }) => relative),
      );
      return { all, doubtful: all.filter((relative) => doubtful.has(relative)) };
    },
    async compare(relatives, ended, onProgress) {
      const left = relatives.filter((relative) => !contents.has(relative));
      const compareAll = (remote: Remote, stop: AbortSignal) =>
        forEachBounded(left, remote.facts.parallel, async (relative) => {
          if (contents.has(relative)) return;
          const { isSame, theirs } = await compareContents(local, remote, filesAt(relative), { signal: stop });
          contents.set(relative, isSame);
          if (isSame && theirs !== undefined) exchanges.agree(place.keyOf(relative), theirs);
          onProgress(contents.size, relative);
        });
      await pool.run(host, compareAll, { signal: ended, repeatable: true, lane: 'bulk' });
    },
  };
  const isUnsure = (relative: string) => unsure.has(place.keyOf(relative)) && filesAt(relative).size <= hashLimit;
  const maybeDone = unsure.size === 0 ? [] : planning.comparable().all.filter(isUnsure);
  if (maybeDone.length > 0) await planning.compare(maybeDone, signal, () => undefined);
  return planning;
}

function furtherLooks(pool: Pool, { folder }: LinkedPlace, remote: Remote) {
  const { host } = folder.location;
  if (remote.facts.parallel > 1) return undefined;
  const run = (step: (held: Remote, signal: AbortSignal) => Promise<void>, signal: AbortSignal) =>
    pool.run(host, step, { signal, lane: 'bulk' });
  return { count: host.connections - 1, run };
}

function sameSizes({ here, there }: Survey): string[] {
  const theirs = new Map(there.map(({ relative, attributes }) => [relative, attributes]));
  return here.flatMap(({ relative, attributes: { kind, size } }) => {
    const other = theirs.get(relative);
    return kind === 'file' && other?.kind === 'file' && other.size === size ? [relative] : [];
  });
}
