import { t } from '../core/l10n.ts';
import type { HostState } from '../core/pool.ts';
import { safeText } from '../core/text.ts';
import type { Transfer } from '../core/transfers.ts';

const units = ['B', 'KB', 'MB', 'GB', 'TB'];

export function formatBytes(bytes: number): string {
  const power = Math.min(Math.max(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), 0), units.length - 1);
  const value = bytes / 1000 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power] ?? 'B'}`;
}

/** How far it is: bytes of all, entries, the one that is worked on; empty while nothing is known. */
export function describeProgress({ bytes, total, count, current }: Transfer): string {
  const parts: string[] = [];
  if (bytes !== undefined) parts.push(total === undefined ? formatBytes(bytes) : t('{0} of {1}', formatBytes(bytes), formatBytes(total)));
  if (count !== undefined) parts.push(count === 1 ? t('1 entry') : t('{0} entries', count));
  if (current !== undefined) parts.push(safeText(current, 80));
  return parts.join(' · ');
}

export function describeTransfer({ label }: Transfer): string {
  return `${safeText(label.verb, 40)} ${safeText(label.name, 80)} (${safeText(label.hostName, 60)})`;
}

/** One line for all that runs: a single one in full, more of them by number and name. */
export function describeTransfers(transfers: readonly Transfer[]): string {
  const [first, ...others] = transfers;
  if (first === undefined) return '';
  if (others.length === 0) {
    const progress = describeProgress(first);
    return progress === '' ? describeTransfer(first) : `${describeTransfer(first)}: ${progress}`;
  }
  const names = transfers.slice(0, 3).map((transfer) => safeText(transfer.label.name, 40));
  const rest = transfers.length > 3 ? ', …' : '';
  return t('{0} running: {1}', transfers.length, names.join(', ') + rest);
}

/** One line for all that runs, and for what it waits for: work that waits for its host is no work yet. */
export function describeWork(transfers: readonly Transfer[], stateOf: (hostName: string) => HostState): string {
  const working = transfers.filter(({ label }) => !waitsForHost(stateOf(label.hostName)));
  if (working.length > 0 || transfers.length === 0) return describeTransfers(working);
  const names = [...new Set(transfers.map(({ label }) => safeText(label.hostName, 60)))];
  return t('Connecting to {0}…', names.join(', '));
}

export function waitsForHost({ state }: HostState): boolean {
  return state === 'connecting' || state === 'waiting';
}

/** Share that is done, 0 to 1; undefined where some work can't tell. */
export function shareDone(transfers: readonly Transfer[]): number | undefined {
  let bytes = 0;
  let total = 0;
  for (const transfer of transfers) {
    if (transfer.total === undefined || transfer.total === 0) return undefined;
    bytes += Math.min(transfer.bytes ?? 0, transfer.total);
    total += transfer.total;
  }
  return total === 0 ? undefined : bytes / total;
}
