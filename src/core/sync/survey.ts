import { isTemporaryName } from '../operations/temporary.ts';
import { trashFolderOn } from '../operations/trashFolder.ts';
import type { Version } from '../operations/version.ts';
import { walk, type Walked } from '../operations/walk.ts';
import type { Further } from '../operations/spread.ts';
import { isPartName } from '../transfers/partialFile.ts';
import { below } from '../mapping/mappedPath.ts';
import { basename } from '../path.ts';
import type { Call, Remote } from '../remote.ts';
import { isRemoteError } from '../errors.ts';
import { changedAmong, timesOf } from './contents.ts';
import type { SyncDirection } from './decision.ts';
import { planSync, type SyncPlan } from './plan.ts';
import type { ServerClock } from './serverClock.ts';

/** What a plan is made from: one folder of this computer and the one on a server that belongs to it. */
export interface SyncFolder {
  readonly here: string;
  readonly there: string;
  /** The host's trash, as its setting has it; undefined: it has none. */
  readonly trash: string | undefined;
  /** Ignored, on both sides. */
  omits(relative: string, isFolder: boolean): Promise<boolean>;
  /** What both agreed on last about a file. */
  agreed(relative: string): Version | undefined;
  /** The time of the file of this computer then; undefined where it is not known. */
  agreedTime(relative: string): number | undefined;
  isNameHere(name: string): boolean;
}

/** Both sides as they were seen, and what is known about their differences. */
export interface Survey {
  readonly here: readonly Walked[];
  readonly there: readonly Walked[];
  readonly clock: ServerClock;
  readonly isCaseSensitive: boolean;
  readonly changedHere: ReadonlySet<string>;
}

export interface SurveyCall extends Call {
  /** Milliseconds that the server's clock is ahead. */
  readonly ahead: number;
  readonly now: number;
  readonly further?: Further<Remote> | undefined;
}

/** Looks at both sides; nothing is read of the server's files. A folder that one side does not have is empty there. */
export async function surveyFolder(local: Remote, remote: Remote, folder: SyncFolder, call: SurveyCall): Promise<Survey> {
  const { signal, further } = call;
  const omits = omissions(remote, folder);
  const [here, listed] = await Promise.all([
    listAll(local, folder.here, { signal, omits }),
    listAll(remote, folder.there, { signal, omits, further }),
  ]);
  const there = await withTimes(remote, here, listed, folder, { signal });
  const changedHere = await findChanges(local, here, folder, { signal });
  const { mtimeResolution = 1000, caseSensitive } = remote.facts;
  return {
    ...{ here, there, changedHere },
    clock: { ahead: call.ahead, resolution: Math.max(1000, mtimeResolution), now: call.now },
    isCaseSensitive: caseSensitive && local.facts.caseSensitive,
  };
}

/** `contents`: what comparing them showed, by path. */
export function planFrom(
  survey: Survey,
  folder: SyncFolder,
  direction: SyncDirection,
  contents: ReadonlyMap<string, boolean> = new Map(),
): SyncPlan {
  return planSync({
    ...survey,
    direction,
    agreed: (relative) => folder.agreed(relative),
    isChangedHere: (relative) => survey.changedHere.has(relative),
    isSameContent: (relative) => contents.get(relative),
    isNameHere: (name) => folder.isNameHere(name),
  });
}

/** Besides what is ignored: what Ferry itself keeps among the files, on whichever side. */
function omissions(remote: Remote, folder: SyncFolder): SyncFolder['omits'] {
  const trash = folder.trash === undefined ? undefined : trashFolderOn(remote, folder.trash);
  return async (relative, isFolder) => {
    const name = basename(`/${relative}`);
    return isTemporaryName(name) || isPartName(name) || below(folder.there, relative) === trash || folder.omits(relative, isFolder);
  };
}

async function listAll(side: Remote, root: string, call: Parameters<typeof walk>[2]): Promise<readonly Walked[]> {
  try {
    return (await walk(side, root, call)).filter(({ relative }) => relative !== '');
  } catch (error) {
    if (isRemoteError(error, 'NotFound')) return [];
    throw error;
  }
}

/** Lists of some servers tell no times: those that a decision hangs on are asked for. */
async function withTimes(
  remote: Remote,
  here: readonly Walked[],
  there: readonly Walked[],
  folder: SyncFolder,
  call: Call,
): Promise<readonly Walked[]> {
  if (remote.facts.mtimeResolution === undefined) return there;
  const ours = new Map(here.map(({ relative, attributes }) => [relative, attributes]));
  const needed = there.filter(({ relative, attributes: { kind, mtime, size } }) => {
    if (kind !== 'file' || mtime !== undefined) return false;
    const agreed = folder.agreed(relative);
    return agreed === undefined ? ours.get(relative)?.kind === 'file' : agreed.size === size;
  });
  const paths = needed.map(({ path }) => path);
  const found = await timesOf(remote, paths, call);
  return there.map((entry) => {
    const attributes = found.get(entry.path);
    return attributes?.kind === 'file' ? { ...entry, attributes } : entry;
  });
}

async function findChanges(local: Remote, here: readonly Walked[], folder: SyncFolder, call: Call): Promise<ReadonlySet<string>> {
  const maybe = here.flatMap(({ relative, attributes }) => {
    const agreed = attributes.kind === 'file' ? folder.agreed(relative) : undefined;
    if (agreed === undefined) return [];
    if (attributes.size === agreed.size && attributes.mtime !== undefined && attributes.mtime === folder.agreedTime(relative)) return [];
    return [{ relative, path: below(folder.here, relative), agreed, attributes }];
  });
  return changedAmong(local, maybe, call);
}
