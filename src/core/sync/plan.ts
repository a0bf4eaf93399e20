import type { Version } from '../operations/version.ts';
import type { Walked } from '../operations/walk.ts';
import { basename, parent } from '../path.ts';
import type { Attributes } from '../remote.ts';
import { decide, type Decision, type SyncDirection } from './decision.ts';
import type { ServerClock } from './serverClock.ts';

/** One thing to do, or to decide. */
export interface SyncRow extends Decision {
  /** Below the folder, `/` between names. Raw, also from the server: `safeText` it. */
  readonly relative: string;
  readonly isFolder: boolean;
  /** As they were planned for. */
  readonly here: Attributes | undefined;
  readonly there: Attributes | undefined;
  /** Proposed: a person has not to tick it first. */
  readonly isChecked: boolean;
}

/** `case`: the other side has a name that differs only in a way that one of the disks does not see. `name`: this computer takes no such name. */
type LeftOutReason = 'link' | 'special' | 'case' | 'name' | 'below';

export interface LeftOut {
  readonly relative: string;
  readonly reason: LeftOutReason;
}

/** Files that a plan would delete on one side, and how many there are. */
export interface Deletions {
  readonly side: 'here' | 'there';
  readonly count: number;
  readonly total: number;
}

export interface SyncPlan {
  /** By path. */
  readonly rows: readonly SyncRow[];
  readonly leftOut: readonly LeftOut[];
  /** Files that are the same on both sides. */
  readonly same: number;
  readonly deletions: readonly Deletions[];
}

export interface SyncPlanParts {
  /** All below the folder, but what is ignored; the folder itself is no part of it. */
  readonly here: readonly Walked[];
  readonly there: readonly Walked[];
  readonly direction: SyncDirection;
  readonly clock: ServerClock;
  /** What both agreed on last. */
  agreed(relative: string): Version | undefined;
  /** Whether the file of this computer is another one than was agreed on. */
  isChangedHere(relative: string): boolean;
  /** What a comparison of the contents showed. */
  isSameContent(relative: string): boolean | undefined;
  /** Neither disk mixes up names that differ in case only. */
  readonly isCaseSensitive: boolean;
  /** Whether this computer takes a file of that name. */
  isNameHere(name: string): boolean;
}

interface Pair {
  readonly relative: string;
  readonly here: Attributes | undefined;
  readonly there: Attributes | undefined;
}

/** What has to be done so that both sides agree, without doing any of it. */
export function planSync(parts: SyncPlanParts): SyncPlan {
  const pairs = pairsOf(parts);
  const leftOut = leaveOut(pairs, parts);
  const wanted = pairs.filter(({ relative }) => !leftOut.has(relative));
  const rows: SyncRow[] = [];
  let same = 0;
  for (const pair of wanted) {
    if (isFolder(pair)) continue;
    const decision = decisionOn(pair, parts);
    if (decision === undefined) same += 1;
    else rows.push(rowOf(pair, decision, false));
  }
  rows.push(...folderRows(wanted.filter(isFolder), rows, parts));
  return {
    rows: rows.toSorted((one, other) => compare(one.relative, other.relative)),
    leftOut: [...leftOut].map(([relative, reason]) => ({ relative, reason })),
    same,
    deletions: [
      { side: 'here', count: countOf(rows, 'deleteHere'), total: fileCount(parts.here) },
      { side: 'there', count: countOf(rows, 'deleteThere'), total: fileCount(parts.there) },
    ],
  };
}

function decisionOn({ relative, here, there }: Pair, parts: SyncPlanParts): Decision | undefined {
  if (here !== undefined && there !== undefined && here.kind !== there.kind) return { action: 'conflict', reason: 'otherKind' };
  const agreed = parts.agreed(relative);
  const sides = {
    ...{ here, there, agreed, isChangedHere: agreed !== undefined && here !== undefined && parts.isChangedHere(relative) },
    isSameContent: parts.isSameContent(relative),
  };
  return decide(sides, parts.direction, parts.clock);
}

function rowOf({ relative, here, there }: Pair, { action, reason }: Decision, isOfFolder: boolean): SyncRow {
  const isProposed = action === 'upload' || (action === 'download' && !runsHere.test(relative.replace(unseen, '')));
  const isChecked = isProposed && reason !== 'sameSize';
  return { relative, isFolder: isOfFolder, action, reason, here, there, isChecked };
}

/** What is in these is run by programs here: who has the server must not write it unseen. Windows knows them by short names, too. */
const runsHere = /(?:^|\/)(?:\.(?:git|vscode)|(?:git|vscode)~\d+)(?:\/|$)/i;
/** Some disks of macOS don't see these in names. */
const unseen = /[\u200C-\u200F\u202A-\u202E\u206A-\u206F\uFEFF]/gu;

/** Folders that only one side has: those that go with what is deleted in them, and those that are made although nothing comes into them. */
function folderRows(folders: readonly Pair[], rows: readonly SyncRow[], parts: SyncPlanParts): SyncRow[] {
  const holding = { deleteHere: new Set<string>(), deleteThere: new Set<string>(), other: new Set<string>() };
  for (const { relative, action } of rows) {
    const set = action === 'deleteHere' || action === 'deleteThere' ? holding[action] : holding.other;
    for (let folder = parentOf(relative); folder !== '' && !set.has(folder); folder = parentOf(folder)) set.add(folder);
  }
  const filled = new Set(folders.map(({ relative }) => parentOf(relative)));
  return folders.flatMap((pair) => {
    const { relative, here, there } = pair;
    if (here !== undefined && there !== undefined) return [];
    const side = here === undefined ? 'deleteThere' : 'deleteHere';
    if (holding.other.has(relative)) return [];
    const [action, reason] = here === undefined ? (['download', 'onlyThere'] as const) : (['upload', 'onlyHere'] as const);
    if (holding[side].has(relative)) return [rowOf(pair, { action: side, reason }, true)];
    if (action === (parts.direction === 'up' ? 'download' : parts.direction === 'down' ? 'upload' : undefined))
      return [rowOf(pair, { action: side, reason }, true)];
    // One that holds folders comes with them.
    return filled.has(relative) ? [] : [rowOf(pair, { action, reason }, true)];
  });
}

function pairsOf({ here, there }: SyncPlanParts): Pair[] {
  const theirs = new Map(there.map(({ relative, attributes }) => [relative, attributes]));
  const ours = new Set(here.map(({ relative }) => relative));
  const both = here.map(({ relative, attributes }) => ({ relative, here: attributes, there: theirs.get(relative) }));
  const rest = there.filter(({ relative }) => !ours.has(relative));
  return [...both, ...rest.map(({ relative, attributes }) => ({ relative, here: undefined, there: attributes }))];
}

/** What no sync touches: neither itself nor what lies below it. */
function leaveOut(pairs: readonly Pair[], parts: SyncPlanParts): Map<string, LeftOutReason> {
  const first = new Map<string, LeftOutReason>();
  /** Of a file on one side and a folder on the other, only what is in the folder is left out. */
  const closed = new Set<string>();
  const twins = Map.groupBy(pairs, ({ relative }) => (parts.isCaseSensitive ? relative.normalize() : relative.normalize().toLowerCase()));
  for (const pair of pairs) {
    const reason = reasonAgainst(pair, parts) ?? ((twins.get(foldedOf(pair, parts))?.length ?? 0) > 1 ? 'case' : undefined);
    if (reason !== undefined) first.set(pair.relative, reason);
    const { here, there } = pair;
    if (here !== undefined && there !== undefined && here.kind !== there.kind) closed.add(pair.relative);
  }
  const all = new Map(first);
  const blocked = new Map<string, boolean>();
  const isBelow = (folder: string): boolean => {
    if (folder === '') return false;
    const known = blocked.get(folder);
    if (known !== undefined) return known;
    const found = first.has(folder) || closed.has(folder) || isBelow(parentOf(folder));
    blocked.set(folder, found);
    return found;
  };
  for (const { relative } of pairs) if (!all.has(relative) && isBelow(parentOf(relative))) all.set(relative, 'below');
  return all;
}

function foldedOf({ relative }: Pair, { isCaseSensitive }: SyncPlanParts): string {
  return isCaseSensitive ? relative.normalize() : relative.normalize().toLowerCase();
}

function reasonAgainst({ relative, here, there }: Pair, parts: SyncPlanParts): LeftOutReason | undefined {
  const kinds = [here?.kind, there?.kind];
  if (kinds.includes('symlink')) return 'link';
  if (kinds.includes('other')) return 'special';
  return here === undefined && !parts.isNameHere(basename(`/${relative}`)) ? 'name' : undefined;
}

function isFolder({ here, there }: Pair): boolean {
  return (here ?? there)?.kind === 'directory' && (here === undefined || there === undefined || here.kind === there.kind);
}

/** Empty at the top. */
function parentOf(relative: string): string {
  return parent(`/${relative}`).slice(1);
}

function countOf(rows: readonly SyncRow[], action: SyncRow['action']): number {
  return rows.filter((row) => row.action === action && !row.isFolder).length;
}

function fileCount(entries: readonly Walked[]): number {
  return entries.filter(({ attributes }) => attributes.kind === 'file').length;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** The first side of which the plan would delete more than `share` percent of the files; a few files are no share. */
export function excessiveDeletions({ deletions }: SyncPlan, share: number): Deletions | undefined {
  return deletions.find(({ count, total }) => count > fewFiles && count * 100 > total * share);
}

const fewFiles = 5;
