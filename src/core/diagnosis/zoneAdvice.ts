import type { Host } from '../host.ts';
import { t } from '../l10n.ts';
import type { Finding } from './finding.ts';
import type { SettingChange } from './settingChange.ts';
import { info, type Advice } from './weights.ts';

/** Where a server tells times of its own zone. */
export function otherZone({ minutes, of, zone }: Extract<Finding, { readonly kind: 'timeZone' }>, { protocol }: Host): Advice {
  const shown = zoneName(minutes);
  if (of === 'listing') return info(t('Listings show times of the server’s own zone, {0}. Ferry asks for exact times instead.', shown));
  const timeZone: SettingChange = { key: 'timeZone', value: zone };
  const summer = /^[+-]/.test(zone) ? t('Where its clocks change in summer, write its name instead, like “Europe/Berlin”.') : undefined;
  const todo = [t('Set “timeZone” to {0}.', zone), ...(summer === undefined ? [] : [summer])].join(' ');
  if (of === 'onlyListing')
    return info(
      t('The server tells times in listings only, and those of its own zone, {0}: without knowing it Ferry shows none.', shown),
      todo,
      [timeZone],
    );
  const what = t(
    'The server tells times of its own zone, {0}, where the protocol wants UTC: files look newer or older than they are.',
    shown,
  );
  if (protocol === 'sftp') return info(what, t('Ask the administrator to set UTC. Conflicts are found all the same.'));
  if (minutes === 0)
    return info(
      t('The server tells exact times in UTC, as the protocol wants, though the host is set to times of another zone.'),
      undefined,
      [{ key: 'localTimes', value: undefined }],
    );
  return info(what, todo, [timeZone, { key: 'localTimes', value: true }]);
}

function zoneName(minutes: number): string {
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `UTC${minutes < 0 ? '−' : '+'}${hours}${rest === 0 ? '' : `:${String(rest).padStart(2, '0')}`}`;
}
