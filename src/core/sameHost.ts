import { RemoteError } from './errors.ts';
import type { Host } from './host.ts';
import { t } from './l10n.ts';

/** By which a host is told from others, whatever its settings are. */
export function hostKey({ protocol, name }: Pick<Host, 'protocol' | 'name'>): string {
  return `${protocol}:${name.toLowerCase()}`;
}

/** Whether nothing was changed in the settings of a host that a connection to it could depend on. */
export function isSameHost(one: Host, other: Host): boolean {
  const heeded = (host: Host) => JSON.stringify({ ...host, look: undefined, protect: undefined });
  return heeded(one) === heeded(other);
}

/** For what was begun with other settings than the host has now. */
export function settingsChanged(): RemoteError {
  return new RemoteError('Unreachable', t('The settings of this host were changed meanwhile. Nothing was done.'), {
    hint: t('Try again.'),
    retryable: false,
    dropsConnection: false,
  });
}
