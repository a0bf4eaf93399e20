import type { Host, Protocol } from './host.ts';
import { defaultPort, ftpDefaults, hostDefaults, sftpDefaults } from './hostDefaults.ts';
import { type HostKey, hostFields, type HostValues, tlsVersions } from './hostFields.ts';
import { groupPath } from './hostLook.ts';
import { t } from './l10n.ts';
import { normalize } from './path.ts';

export { authorityOf, hostFromAuthority } from './authority.ts';

export interface ParsedHosts {
  /** In the order of the settings. */
  readonly hosts: readonly Host[];
  /** What is wrong, one sentence each, for the person who wrote it. */
  readonly problems: readonly string[];
}

/**
 * The hosts of the `ferry.hosts` setting, defaults filled in. An item with a value that is none is left out, as nobody can tell what was
 * meant and some of them are about safety; a key that means nothing is only named.
 */
export function parseHosts(value: unknown): ParsedHosts {
  if (!Array.isArray(value)) return { hosts: [], problems: value === undefined ? [] : [t('The hosts must be a list.')] };
  const hosts: Host[] = [];
  const problems: string[] = [];
  for (const [index, item] of value.entries()) {
    const { host, problems: own } = parseItem(item);
    const label = labelOf(item, index);
    const taken = host !== undefined && hosts.some(({ name }) => name.toLowerCase() === host.name.toLowerCase());
    if (taken) own.push(t('there is another host of this name above.'));
    else if (host !== undefined) hosts.push(host);
    problems.push(...own.map((problem) => `${label}: ${problem}`));
  }
  return { hosts, problems };
}

function labelOf(item: unknown, index: number): string {
  const name: unknown = typeof item === 'object' && item !== null ? (item as Record<string, unknown>)['name'] : undefined;
  return typeof name === 'string' && name !== '' ? t('Host “{0}”', name.slice(0, 80)) : t('Host {0} of the list', index + 1);
}

function parseItem(item: unknown): { host: Host | undefined; problems: string[] } {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return { host: undefined, problems: [t('this is not a host.')] };
  const given = Object.entries(item).filter(([, value]) => value !== undefined && value !== null);
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  let valid = true;
  for (const [key, value] of given) {
    if (!isHostKey(key)) {
      problems.push(t('“{0}” is not a setting of hosts.', key.slice(0, 80)));
      continue;
    }
    values[key] = hostFields[key].read(value);
    if (values[key] !== undefined) continue;
    valid = false;
    problems.push(t('“{0}” must be {1}.', key, hostFields[key].expected()));
  }
  const read: HostValues = values;
  problems.push(...missing(item), ...idle(read));
  const contradictions = contradictionsOf(read);
  problems.push(...contradictions);
  return { host: valid && contradictions.length === 0 ? hostOf(read) : undefined, problems };
}

/** What can't be true together, so that nobody can tell what was meant. */
function contradictionsOf(values: HostValues): string[] {
  const { client, proxy, mode } = values;
  const problems: string[] = [];
  if (proxy !== undefined && mode === 'active')
    problems.push(t('“mode” can not be “active” with a “proxy”: the server could not connect back through it.'));
  if (proxy !== undefined && client === 'openssh')
    problems.push(t('“proxy” can not be used with “client”: “openssh”; name a “ProxyCommand” in your ssh config.'));
  if (!isOrdered(values)) problems.push(t('“{0}” must not be older than “{1}”.', 'maxTlsVersion', 'minTlsVersion'));
  return problems;
}

function isHostKey(key: string): key is HostKey {
  return Object.hasOwn(hostFields, key);
}

function missing(item: object): string[] {
  const isMissing = (key: string) => !Object.hasOwn(item, key) && !(key === 'address' && Object.hasOwn(item, 'sshConfigHost'));
  return ['name', 'protocol', 'address'].filter(isMissing).map((key) => t('“{0}” is missing.', key));
}

/** Settings that do nothing here, mostly those of another protocol. */
function idle(values: HostValues): string[] {
  const { protocol, client, proxy, addressFamily, legacyAlgorithms, localTimes, timeZone, verify } = values;
  if (protocol === undefined) return [];
  const ofOpenssh = client === 'openssh' && legacyAlgorithms === true;
  const ofProxy = proxy !== undefined && addressFamily !== undefined;
  const runsNothing = verify === 'command' && (protocol !== 'sftp' || client === 'openssh');
  const ofNoZone = localTimes === true && timeZone === undefined;
  return [
    ...foreign(values, protocol),
    ...(ofNoZone ? [t('“{0}” means nothing without “{1}”.', 'localTimes', 'timeZone')] : []),
    ...(ofProxy ? [t('“{0}” means nothing with “{1}”.', 'addressFamily', 'proxy')] : []),
    ...(runsNothing ? [t('“verify” can be “command” with Ferry’s own SSH only: it means “checksum” here.')] : []),
    ...(ofOpenssh ? [t('“legacyAlgorithms” means nothing with “client”: “openssh”.')] : []),
  ];
}

function foreign(values: HostValues, protocol: Protocol): string[] {
  return (Object.keys(values) as HostKey[])
    .filter((key) => {
      const field: { readonly only?: readonly string[] } = hostFields[key];
      return field.only?.includes(protocol) === false;
    })
    .map((key) => t('“{0}” means nothing for {1}.', key, protocol));
}

function isOrdered({ minTlsVersion = ftpDefaults.minTlsVersion, maxTlsVersion }: HostValues): boolean {
  return maxTlsVersion === undefined || tlsVersions.indexOf(maxTlsVersion) >= tlsVersions.indexOf(minTlsVersion);
}

const families = { any: undefined, inet: 4, inet6: 6 } as const;

function hostOf(values: HostValues): Host | undefined {
  const { name, protocol, sshConfigHost } = values;
  const address = values.address ?? (protocol === 'sftp' ? sshConfigHost : undefined);
  if (name === undefined || protocol === undefined || address === undefined) return undefined;
  const defaults = hostDefaults(protocol);
  const tls = values.tls ?? ftpDefaults.tls;
  return {
    name,
    protocol,
    address,
    port: values.port ?? defaultPort(protocol, tls),
    family: families[values.addressFamily ?? 'any'],
    user: values.user,
    root: values.root === undefined ? undefined : normalize(values.root),
    charset: values.charset ?? defaults.charset,
    connections: values.connections ?? defaults.connections,
    saveMode: values.saveMode ?? defaults.saveMode,
    verify: values.verify ?? defaults.verify,
    trash: values.trash === 'off' ? undefined : values.trash,
    trashDays: values.trashDays ?? defaults.trashDays,
    proxy: values.proxy,
    look: { group: groupPath(values.group ?? ''), color: values.color, icon: values.icon },
    protect: values.protect === false ? undefined : values.protect,
    sftp: {
      client: values.client ?? sftpDefaults.client,
      privateKeys: values.privateKeys,
      agent: values.agent ?? sftpDefaults.agent,
      legacyAlgorithms: values.legacyAlgorithms ?? sftpDefaults.legacyAlgorithms,
      sshConfig: sshConfigHost === undefined ? undefined : { host: sshConfigHost, address: values.address, port: values.port },
      jump: values.jump,
    },
    ftp: {
      tls,
      minTlsVersion: values.minTlsVersion ?? ftpDefaults.minTlsVersion,
      maxTlsVersion: values.maxTlsVersion,
      clientCertificate: values.clientCertificate,
      mode: values.mode ?? ftpDefaults.mode,
      activePorts: values.activePorts,
      activeAddress: values.activeAddress,
      activeBind: values.activeBind,
      listing: values.listing === 'auto' ? undefined : values.listing,
      timeZone: values.timeZone,
      localTimes: values.localTimes ?? ftpDefaults.localTimes,
    },
  };
}
