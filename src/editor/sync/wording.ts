import { t } from '../../core/l10n.ts';
import { safeText } from '../../core/text.ts';
import type { Attributes } from '../../core/remote.ts';
import type { SyncAction, SyncReason } from '../../core/sync/decision.ts';
import type { LeftOut } from '../../core/sync/plan.ts';
import { describeError } from '../fileSystemError.ts';
import type { MappedFile } from '../mapping/mappings.ts';
import { formatBytes } from '../transferText.ts';
import { countOf, type Review, type ReviewItem, type SyncMode } from './review.ts';

/** In the order in which they are shown. */
export const actions = ['conflict', 'upload', 'download', 'deleteThere', 'deleteHere'] as const satisfies readonly SyncAction[];

/** As a comparison shows them. */
export const reasons = [
  ...(['changedBoth', 'deletedHereChangedThere', 'changedHereDeletedThere', 'otherKind', 'differs', 'newerHere', 'newerThere'] as const),
  ...(['changedHere', 'changedThere', 'onlyHere', 'onlyThere', 'deletedHere', 'deletedThere', 'sameSize'] as const),
] satisfies readonly SyncReason[];

export function titleOfGroup(key: SyncAction | SyncReason): string {
  const action = actions.find((each) => each === key);
  return action === undefined ? capitalized(describeReason(key as SyncReason)) : titleOfAction(action);
}

function capitalized(text: string): string {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}

export function titleOfMode(mode: SyncMode): string {
  switch (mode) {
    case 'up':
      return t('Sync Up');
    case 'down':
      return t('Sync Down');
    case 'both':
      return t('Sync Both Ways');
    case 'compare':
      return t('Compare');
  }
}

export function titleOfAction(action: SyncAction): string {
  switch (action) {
    case 'conflict':
      return t('Conflicts');
    case 'upload':
      return t('Upload');
    case 'download':
      return t('Download');
    case 'deleteThere':
      return t('Delete on the server');
    case 'deleteHere':
      return t('Delete on this computer');
  }
}

function describeReason(reason: SyncReason): string {
  switch (reason) {
    case 'onlyHere':
      return t('only here');
    case 'onlyThere':
      return t('only on the server');
    case 'newerHere':
      return t('newer here');
    case 'newerThere':
      return t('newer on the server');
    case 'changedHere':
      return t('changed here');
    case 'changedThere':
      return t('changed on the server');
    case 'changedBoth':
      return t('changed on both sides');
    case 'deletedHere':
      return t('deleted here');
    case 'deletedThere':
      return t('deleted on the server');
    case 'deletedHereChangedThere':
      return t('deleted here, changed on the server');
    case 'changedHereDeletedThere':
      return t('changed here, deleted on the server');
    case 'differs':
      return t('differs; the times do not tell which is newer');
    case 'sameSize':
      return t('same size, other time: maybe the same');
    case 'otherKind':
      return t('a file on one side, a folder on the other');
  }
}

export function describeLeftOut({ reason }: LeftOut): string {
  switch (reason) {
    case 'link':
      return t('a symbolic link');
    case 'special':
      return t('neither a file nor a folder');
    case 'case':
      return t('its name differs from another only in a way that one of the disks does not see');
    case 'name':
      return t('this computer takes no file of this name');
    case 'below':
      return t('below something that is left out');
  }
}

export function describeItem({ row, error }: ReviewItem): string {
  const parts = [describeReason(row.reason), sizesOf(row.here, row.there)];
  if (error !== undefined) parts.unshift(t('not done: {0}', describeError(error)));
  return safeText(parts.filter((part) => part !== '').join(' · '), 300);
}

/** Lines for a tooltip. */
export function tooltipOf({ row, error }: ReviewItem): string {
  const lines = [row.relative, describeReason(row.reason)];
  if (row.here !== undefined) lines.push(t('Here: {0}', sideOf(row.here)));
  if (row.there !== undefined) lines.push(t('On the server: {0}', sideOf(row.there)));
  if (error !== undefined) lines.push(describeError(error));
  return lines.map((line) => safeText(line, 300)).join('\n');
}

/** `web → shop /var/www` */
export function describeFolder({ uri, location: { host, path } }: MappedFile): string {
  return `${safeText(uri.path.split('/').at(-1) ?? '', 60)} → ${safeText(host.name, 60)} ${safeText(path, 120)}`;
}

/** What is ticked, in one line. */
export function describeChosen(items: readonly ReviewItem[]): string {
  const counts = actions.flatMap((action) => {
    const count = countOf(items, action);
    return count === 0 ? [] : [describeCount(action, count)];
  });
  return counts.length === 0 ? t('Nothing is chosen') : counts.join(', ');
}

export function describeSame({ same }: Review): string {
  return same === 1 ? t('1 file is the same on both sides.') : t('{0} files are the same on both sides.', same);
}

export function describeCount(action: SyncAction, count: number): string {
  switch (action) {
    case 'conflict':
      return count === 1 ? t('1 conflict') : t('{0} conflicts', count);
    case 'upload':
      return count === 1 ? t('1 upload') : t('{0} uploads', count);
    case 'download':
      return count === 1 ? t('1 download') : t('{0} downloads', count);
    case 'deleteThere':
      return count === 1 ? t('1 deletion on the server') : t('{0} deletions on the server', count);
    case 'deleteHere':
      return count === 1 ? t('1 deletion here') : t('{0} deletions here', count);
  }
}

export function describeEnd(): string {
  return t('Cancelled.');
}

/** A plan as a document, for reading or for who keeps records. */
export function documentOf(review: Review, folder: MappedFile): string {
  const { items, leftOut } = review;
  const lines = [`${titleOfMode(review.mode)}: ${describeFolder(folder)}`, '', describeSame(review)];
  for (const action of actions) {
    const within = items.filter((item) => item.action === action);
    if (within.length === 0) continue;
    lines.push('', `${titleOfAction(action)} (${within.length})`);
    lines.push(...within.map((item) => `  ${item.isChecked ? '[x]' : '[ ]'} ${safeText(pathOf(item), 500)} (${describeItem(item)})`));
  }
  if (leftOut.length > 0) lines.push('', `${t('Left out')} (${leftOut.length})`);
  lines.push(...leftOut.map((each) => `      ${safeText(each.relative, 500)} (${describeLeftOut(each)})`));
  return `${lines.join('\n')}\n`;
}

export function pathOf({ row }: ReviewItem): string {
  return row.isFolder ? `${row.relative}/` : row.relative;
}

function sizesOf(here: Attributes | undefined, there: Attributes | undefined): string {
  const sizes = [here, there].flatMap((side) => (side?.kind === 'file' ? [formatBytes(side.size)] : []));
  return here?.size === there?.size ? (sizes[0] ?? '') : sizes.join(' ↔ ');
}

function sideOf({ kind, size, mtime, shownTime }: Attributes): string {
  const time = mtime ?? shownTime;
  const parts = [
    kind === 'directory' ? t('a folder') : formatBytes(size),
    ...(time === undefined ? [] : [new Date(time).toLocaleString()]),
  ];
  return parts.join(', ');
}
