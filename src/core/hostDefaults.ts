import type { FtpOptions, Host, Protocol, SftpOptions } from './host.ts';
import { plainLook } from './hostLook.ts';

/** `tls` matters for `ftps` only. */
export function defaultPort(protocol: Protocol, tls: FtpOptions['tls']): number {
  if (protocol === 'sftp') return 22;
  return protocol === 'ftps' && tls === 'implicit' ? 990 : 21;
}

export const sftpDefaults: SftpOptions = {
  client: 'builtIn',
  privateKeys: undefined,
  agent: true,
  legacyAlgorithms: false,
  sshConfig: undefined,
  jump: undefined,
};

export const ftpDefaults: FtpOptions = {
  tls: 'explicit',
  minTlsVersion: 'TLSv1.2',
  maxTlsVersion: undefined,
  clientCertificate: undefined,
  mode: 'auto',
  activePorts: undefined,
  activeAddress: undefined,
  activeBind: undefined,
  listing: undefined,
  timeZone: undefined,
  localTimes: false,
};

/** Everything that a host has without a word about it. */
export function hostDefaults(protocol: Protocol): Omit<Host, 'name' | 'address'> {
  return {
    protocol,
    port: defaultPort(protocol, 'explicit'),
    family: undefined,
    user: undefined,
    root: undefined,
    charset: 'utf-8',
    connections: protocol === 'sftp' ? 2 : 4,
    saveMode: 'auto',
    verify: 'size',
    trash: undefined,
    trashDays: 30,
    proxy: undefined,
    look: plainLook,
    protect: undefined,
    sftp: sftpDefaults,
    ftp: ftpDefaults,
  };
}
