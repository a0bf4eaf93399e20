import { t } from '../../core/l10n.ts';
import { safeText } from '../../core/text.ts';
import type { TransferProgress } from '../../core/transfers.ts';
import type { Direction, GroupProgress, TransferItem, TransferState } from '../../core/transfers/item.ts';
import { describeError } from '../fileSystemError.ts';
import { formatBytes } from '../transferText.ts';

export function verbOf(direction: Direction): string {
  return { upload: () => t('Uploading'), download: () => t('Downloading'), copy: () => t('Copying'), move: () => t('Moving') }[direction]();
}

/** As what runs is told. */
export function describeGroup({ files, filesDone, bytes, bytesDone, speed, left }: GroupProgress): TransferProgress {
  return {
    bytes: bytesDone,
    total: bytes,
    current: [describeFiles(filesDone, files), describeSpeed(speed, left)].filter(Boolean).join(', '),
  };
}

/** Empty for a single one. */
export function describeFiles(done: number, all: number): string {
  return all === 1 ? '' : t('{0} of {1} files', done, all);
}

function describeSpeed(speed: number, left: number | undefined): string {
  if (left === undefined) return '';
  return t('{0}/s, {1} left', formatBytes(speed), formatDuration(left));
}

function formatDuration(seconds: number): string {
  const whole = Math.max(1, Math.ceil(seconds));
  if (whole < 60) return t('{0} s', whole);
  if (whole < 3600) return t('{0} min', Math.ceil(whole / 60));
  return t('{0} h {1} min', Math.floor(whole / 3600), Math.ceil((whole % 3600) / 60));
}

/** What the row of a group says besides its title. */
export function describeGroupRow(progress: GroupProgress, isPaused: boolean): string {
  const { files, filesDone, failed, bytes, bytesDone, speed, left } = progress;
  const parts = [
    describeFiles(filesDone, files),
    filesDone === files ? formatBytes(bytes) : t('{0} of {1}', formatBytes(bytesDone), formatBytes(bytes)),
    describeSpeed(speed, left),
    failed > 0 ? t('{0} failed', failed) : '',
    isPaused ? t('paused') : '',
  ];
  return parts.filter(Boolean).join(' · ');
}

export function describeItem({ state, bytes, size, error }: TransferItem): string {
  const said: Readonly<Record<TransferState, () => string>> = {
    queued: () => formatBytes(size),
    running: () => t('{0} of {1}', formatBytes(bytes), formatBytes(size)),
    paused: () => (error === undefined ? t('paused') : t('waits: {0}', safeText(error.message, 100))),
    failed: () => safeText(error?.message ?? t('failed'), 120),
    done: () => formatBytes(size),
    skipped: () => t('skipped: it is there already'),
  };
  return said[state]();
}

/** Plain text: both places, and what went wrong. */
export function describeItemInFull({ from, to, error }: TransferItem): string {
  const place = (each: TransferItem['from']) => safeText(`${each.host}${each.path}`, 400);
  return [
    t('From: {0}', place(from)),
    t('To: {0}', place(to)),
    ...(error === undefined ? [] : ['', safeText(describeError(error), 500)]),
  ].join('\n');
}
