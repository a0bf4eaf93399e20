import { isAddress, isPort, isUser } from './authority.ts';
import { charsetOf } from './charset.ts';
import type { FtpOptions, Protocol, SaveMode, SftpOptions, TlsVersion, Verify } from './host.ts';
import { type HostColor, hostColors, isGroup, isIconName, type Protection } from './hostLook.ts';
import { t } from './l10n.ts';
import { parseProxy, type ProxySetting } from './proxy.ts';
import { parseJump } from './sshConfig/jumpSpec.ts';
import { parseTimeZone } from './timeZone.ts';

/** One key of an item of `ferry.hosts`. */
interface Field<T> {
  /** The value, or undefined where it is none. */
  read(value: unknown): T | undefined;
  /** What it must be, for a person. */
  expected(): string;
  /** The protocols that it means something for. */
  readonly only?: readonly Protocol[];
}

export const protocols = ['sftp', 'ftp', 'ftps'] as const satisfies readonly Protocol[];
export const tlsVersions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const satisfies readonly TlsVersion[];

const ftpOnly = { only: ['ftp', 'ftps'] } as const;
const tlsOnly = { only: ['ftps'] } as const;
const sftpOnly = { only: ['sftp'] } as const;

/** Hops of a chain; more would be a circle. */
const mostJumps = 16;

/** Every key that an item may have. */
export const hostFields = {
  name: text(isName, () => t('letters, digits, “.”, “_” and “-”, beginning with a letter or digit')),
  protocol: oneOf<Protocol>(protocols),
  address: text(isAddress, () => t('the name or IP address of a server')),
  port: numberIn(1, 65535),
  addressFamily: oneOf<'any' | 'inet' | 'inet6'>(['any', 'inet', 'inet6']),
  user: text(isUser, () => t('the name of a user')),
  root: text(isFolder, () => t('a folder from the root on, like “/var/www”')),
  charset: text(isCharset, () => t('the name of a charset, like “utf-8” or “iso-8859-1”')),
  connections: numberIn(1, 32),
  saveMode: oneOf<SaveMode>(['auto', 'replace', 'inPlace']),
  verify: oneOf<Verify>(['size', 'checksum', 'command']),
  trash: text(isTrash, () => t('“off” or a folder, from the root on or from where the login starts, like “.ferry-trash”')),
  trashDays: numberIn(0, 3650),
  proxy: proxyField(),
  group: text(isGroup, () => t('the names of groups with “/” between, like “Customers/Example”')),
  color: oneOf<HostColor>(hostColors),
  icon: text(isIconName, () => t('the name of one of VS Code’s icons, like “rocket”')),
  protect: protectField(),
  client: { ...sftpOnly, ...oneOf<SftpOptions['client']>(['builtIn', 'openssh']) },
  privateKeys: { ...sftpOnly, read: readFiles, expected: () => t('a list of files') },
  agent: { ...sftpOnly, read: readAgent, expected: () => t('true, false or the path of a socket or pipe') },
  legacyAlgorithms: { ...sftpOnly, ...yesOrNo() },
  sshConfigHost: { ...sftpOnly, ...text(isAddress, () => t('the name of a host of your ssh config')) },
  jump: { ...sftpOnly, read: readJumps, expected: () => t('a list of saved hosts or of addresses like “user@bastion:22”') },
  tls: { ...tlsOnly, ...oneOf<FtpOptions['tls']>(['explicit', 'implicit']) },
  minTlsVersion: { ...tlsOnly, ...oneOf<TlsVersion>(tlsVersions) },
  maxTlsVersion: { ...tlsOnly, ...oneOf<TlsVersion>(tlsVersions) },
  clientCertificate: {
    ...tlsOnly,
    read: readCertificate,
    expected: () => t('a “certificate” file and, where it is not in it, a “key” file'),
  },
  mode: { ...ftpOnly, ...oneOf<FtpOptions['mode']>(['auto', 'passive', 'active']) },
  activePorts: { ...ftpOnly, read: readPorts, expected: () => t('a range of ports, like “50000-50100”') },
  activeAddress: { ...ftpOnly, ...text(isIp, () => t('an IP address')) },
  activeBind: { ...ftpOnly, ...text(isIp, () => t('an IP address')) },
  listing: { ...ftpOnly, ...oneOf<'auto' | 'LIST' | 'LIST -a'>(['auto', 'LIST', 'LIST -a']) },
  timeZone: { ...ftpOnly, ...text(isTimeZone, () => t('the name of a time zone, like “Europe/Berlin”, or an offset like “+02:00”')) },
  localTimes: { ...ftpOnly, ...yesOrNo() },
} satisfies Record<string, Field<unknown>>;

export type HostKey = keyof typeof hostFields;

/** What an item holds once each key was read. */
export type HostValues = { readonly [K in HostKey]?: NonNullable<ReturnType<(typeof hostFields)[K]['read']>> };

function text(is: (value: string) => boolean, expected: () => string): Field<string> {
  return { read: (value) => (typeof value === 'string' && is(value) ? value : undefined), expected };
}

function oneOf<T extends string>(values: readonly T[]): Field<T> {
  return {
    read: (value) => values.find((known) => known === value),
    expected: () => t('one of {0}', values.map((value) => `“${value}”`).join(', ')),
  };
}

function numberIn(min: number, max: number): Field<number> {
  return {
    read: (value) => (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max ? value : undefined),
    expected: () => t('a number from {0} to {1}', min, max),
  };
}

function yesOrNo(): Field<boolean> {
  return { read: (value) => (typeof value === 'boolean' ? value : undefined), expected: () => t('true or false') };
}

function isTimeZone(value: string): boolean {
  return parseTimeZone(value) !== undefined;
}

function isName(value: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(value);
}

function isFolder(value: string): boolean {
  return value.startsWith('/') && !/[\0\r\n]/.test(value);
}

/** Not the folder that the login starts in, not the root, and nothing above either. */
function isTrash(value: string): boolean {
  if (value === 'off') return true;
  const names = value.replace(/^~\//, '').split('/');
  return !/[\0\r\n]/.test(value) && !names.includes('..') && names.some((name) => name !== '' && name !== '.' && name !== '~');
}

function isFile(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && !value.includes('\0');
}

function isCharset(value: string): boolean {
  try {
    charsetOf(value);
    return true;
  } catch {
    return false;
  }
}

function isIp(value: string): boolean {
  if (value.includes(':')) return isAddress(value);
  const parts = value.split('.');
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255);
}

function protectField(): Field<Protection | false> {
  return { read: readProtection, expected: () => t('true, false or “readOnly”') };
}

/** `false` in so many words is no protection: undefined would stand for a mistake. */
function readProtection(value: unknown): Protection | false | undefined {
  if (value === false || value === 'readOnly') return value;
  return value === true ? 'ask' : undefined;
}

function readFiles(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.every(isFile) ? [...value] : undefined;
}

function readAgent(value: unknown): boolean | string | undefined {
  return typeof value === 'boolean' || isFile(value) ? value : undefined;
}

function proxyField(): Field<ProxySetting> {
  const expected = () => t('“vscode” or an address like “socks5://user@proxy:1080” or “http://proxy:3128”, without a password');
  return { read: readProxy, expected };
}

function readProxy(value: unknown): ProxySetting | undefined {
  if (value === 'vscode') return value;
  const parsed = typeof value === 'string' ? parseProxy(value) : undefined;
  return parsed?.password === undefined ? parsed?.proxy : undefined;
}

function readJumps(value: unknown): readonly string[] | undefined {
  const isHop = (hop: unknown): hop is string => typeof hop === 'string' && parseJump(hop) !== undefined;
  return Array.isArray(value) && value.length <= mostJumps && value.every(isHop) ? [...value] : undefined;
}

function readCertificate(value: unknown): NonNullable<FtpOptions['clientCertificate']> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { certificate, key, ...others } = value as Record<string, unknown>;
  if (!isFile(certificate) || !(key === undefined || isFile(key)) || Object.keys(others).length > 0) return undefined;
  return { certificate, key };
}

function readPorts(value: unknown): readonly [number, number] | undefined {
  const match = typeof value === 'string' ? /^(\d{1,5})(?:\s*-\s*(\d{1,5}))?$/.exec(value.trim()) : null;
  if (match === null) return undefined;
  const first = Number(match[1]);
  const last = match[2] === undefined ? first : Number(match[2]);
  return isPort(first) && isPort(last) && first <= last ? [first, last] : undefined;
}
