import type { Version } from '../operations/version.ts';
import type { Attributes } from '../remote.ts';
import { hasTime, newerOf, type ServerClock } from './serverClock.ts';

/** `up`: the server is to become like this computer; `down`: the other way round. */
export type SyncDirection = 'up' | 'down' | 'both';

/** `conflict`: a person has to say which one counts. */
export type SyncAction = 'upload' | 'download' | 'deleteThere' | 'deleteHere' | 'conflict';

/** Since the last exchange: `changed…`, `deleted…`. Without one: by the times. `sameSize`: maybe only the times differ, or are not known. */
export type SyncReason =
  | 'onlyHere'
  | 'onlyThere'
  | 'newerHere'
  | 'newerThere'
  | 'changedHere'
  | 'changedThere'
  | 'changedBoth'
  | 'deletedHere'
  | 'deletedThere'
  | 'deletedHereChangedThere'
  | 'changedHereDeletedThere'
  | 'differs'
  | 'sameSize'
  | 'otherKind';

export interface Decision {
  readonly action: SyncAction;
  readonly reason: SyncReason;
}

/** What is known of one path on both sides, files or nothing. At least one of them is there. */
export interface Sides {
  readonly here: Attributes | undefined;
  readonly there: Attributes | undefined;
  /** What both agreed on last; undefined: they never did. */
  readonly agreed: Version | undefined;
  /** Against `agreed`. */
  readonly isChangedHere: boolean;
  /** Undefined: the contents were not compared. */
  readonly isSameContent: boolean | undefined;
}

/** Undefined: there is nothing to do. */
export function decide(sides: Sides, direction: SyncDirection, clock: ServerClock): Decision | undefined {
  const decision = sides.agreed === undefined ? byTimes(sides, clock) : sinceExchange(sides, sides.agreed, clock);
  if (decision === undefined || direction === 'both') return decision;
  return direction === 'up' ? upwards(decision) : downwards(decision);
}

function byTimes({ here, there, isSameContent }: Sides, clock: ServerClock): Decision | undefined {
  if (here === undefined) return { action: 'download', reason: 'onlyThere' };
  if (there === undefined) return { action: 'upload', reason: 'onlyHere' };
  if (isSameContent === true) return undefined;
  const newer = newerOf(here, there, clock);
  const sameSize = here.size === there.size;
  const isDoubtful = sameSize && isSameContent === undefined;
  if (isDoubtful && newer === 'neither') return undefined;
  if (newer === 'here') return { action: 'upload', reason: isDoubtful ? 'sameSize' : 'newerHere' };
  if (newer === 'there') return { action: 'download', reason: isDoubtful ? 'sameSize' : 'newerThere' };
  return { action: 'conflict', reason: isDoubtful ? 'sameSize' : 'differs' };
}

function sinceExchange({ here, there, isChangedHere, isSameContent }: Sides, agreed: Version, clock: ServerClock): Decision | undefined {
  const isChangedThere = there !== undefined && isChanged(there, agreed, clock);
  if (here === undefined)
    return isChangedThere ? { action: 'conflict', reason: 'deletedHereChangedThere' } : { action: 'deleteThere', reason: 'deletedHere' };
  if (there === undefined)
    return isChangedHere ? { action: 'conflict', reason: 'changedHereDeletedThere' } : { action: 'deleteHere', reason: 'deletedThere' };
  if (isSameContent === true) return undefined;
  if (isChangedHere && isChangedThere) return { action: 'conflict', reason: 'changedBoth' };
  if (isChangedHere) return { action: 'upload', reason: 'changedHere' };
  // Another content than here, where nothing changed since: it is the server's that did, whatever its time says.
  return isChangedThere || isSameContent === false ? { action: 'download', reason: 'changedThere' } : undefined;
}

function isChanged(there: Attributes, agreed: Version, clock: ServerClock): boolean {
  return there.size !== agreed.size || !hasTime(there, agreed.mtime, clock);
}

/** Nothing is downloaded or deleted here; what that would have brought and the server alone has is a person's to give up. */
function upwards({ action, reason }: Decision): Decision {
  if (reason === 'onlyThere') return { action: 'deleteThere', reason };
  if (reason === 'deletedThere' || reason === 'changedHereDeletedThere') return { action: 'upload', reason };
  if (reason === 'sameSize') return { action: 'upload', reason };
  return { action: action === 'download' ? 'conflict' : action, reason };
}

function downwards({ action, reason }: Decision): Decision {
  if (reason === 'onlyHere') return { action: 'deleteHere', reason };
  if (reason === 'deletedHere' || reason === 'deletedHereChangedThere') return { action: 'download', reason };
  if (reason === 'sameSize') return { action: 'download', reason };
  return { action: action === 'upload' ? 'conflict' : action, reason };
}
