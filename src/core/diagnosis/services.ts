import { defaultPort } from '../hostDefaults.ts';
import type { Host } from '../host.ts';
import { t } from '../l10n.ts';
import type { Service } from './finding.ts';
import type { SettingChange } from './settingChange.ts';
import { problem, type Advice } from './weights.ts';

/** The settings with which Ferry speaks to `service` at `port`. None for what is not encrypted: that is the person's own to write. */
export function settingsFor(service: Service, port: number): readonly SettingChange[] | undefined {
  const at = (protocol: 'sftp' | 'ftps', tls: 'explicit' | 'implicit'): SettingChange => ({
    key: 'port',
    value: port === defaultPort(protocol, tls) ? undefined : port,
  });
  const settings: Partial<Record<Service, readonly SettingChange[]>> = {
    ssh: [{ key: 'protocol', value: 'sftp' }, at('sftp', 'explicit')],
    ftpWithTls: [{ key: 'protocol', value: 'ftps' }, { key: 'tls', value: undefined }, at('ftps', 'explicit')],
    ftpImplicit: [{ key: 'protocol', value: 'ftps' }, { key: 'tls', value: 'implicit' }, at('ftps', 'implicit')],
  };
  return settings[service];
}

export function nameOf(service: Service): string {
  const names: Record<Service, () => string> = {
    ssh: () => t('an SSH server'),
    ftp: () => t('an FTP server that names no encryption'),
    ftpWithTls: () => t('an FTP server that offers TLS (explicit)'),
    ftpImplicit: () => t('an FTP server with TLS from the first byte (implicit)'),
    http: () => t('a web server'),
    https: () => t('a web server (HTTPS)'),
    tls: () => t('a server that speaks TLS'),
    silent: () => t('something that says nothing'),
    closed: () => t('something that ends the connection at once'),
    other: () => t('a server of another kind'),
  };
  return names[service]();
}

/** Where another service than the host's speaks at its port. */
export function otherService(service: Service, said: string, host: Host): Advice {
  const words = said === '' ? '' : ` ${t('It says: {0}', said)}`;
  const what = `${t('What answers at port {0} is {1}.', host.port, nameOf(service))}${words}`;
  const changes = settingsFor(service, host.port);
  if (changes !== undefined) return problem(what, t('Change the settings of the host to that.'), changes);
  if (service === 'ftp')
    return problem(what, t('It would carry passwords and files readably. If you want that, set “protocol” to ftp yourself.'));
  return problem(what, t('Check “port” of the host: usual are 22 for SFTP, 21 for FTP and explicit FTPS, 990 for implicit FTPS.'));
}
