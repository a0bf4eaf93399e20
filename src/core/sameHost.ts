import { RemoteError } from './errors.ts';
import type { Host } from './host.ts';
import { t } from './l10n.ts';

/** Whether nothing at all was changed in the settings of a host. */
export function isSameHost(one: Host, other: Host): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** For what was begun with other settings than the host has now. */
export function settingsChanged(): RemoteError {
  return new RemoteError('Unreachable', t('The settings of this host were changed meanwhile. Nothing was done.'), {
    hint: t('Try again.'),
    retryable: false,
    dropsConnection: false,
  });
}
