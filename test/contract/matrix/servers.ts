import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { testCertificate } from '../../servers/certificates.ts';
import { temporaryFolder } from '../../servers/folder.ts';
import { makeKey } from '../../servers/keys.ts';
import { startOpenssh } from '../../servers/openssh.ts';
import { startProftpd } from '../../servers/proftpd.ts';
import { startProftpdSftp } from '../../servers/proftpdSftp.ts';
import type { TestServer } from '../../servers/server.ts';
import { startVsftpd, type VsftpdOptions } from '../../servers/vsftpd.ts';
import { vsftpdPorts, withDataPorts, type FaultServer } from '../faultServers.ts';

/** Another server at the same address: somebody in between, or the same one set up anew. */
export interface Impostor {
  readonly server: TestServer;
  /** Whether anything came that a log-in begins with. */
  readonly sawLogIn: () => boolean;
}

/** A server whose keys of the login change. */
export interface ChangingServer extends FaultServer {
  readonly changeKeys: () => void;
  readonly restoreKeys: () => void;
}

/** One server of the matrix, in the settings that its faults need. */
export interface MatrixServer {
  readonly name: string;
  readonly protocol: 'sftp' | 'ftp' | 'ftps';
  readonly usual: () => Promise<FaultServer>;
  /** Takes one connection at a time; SSH: one log-in. */
  readonly crowded: () => Promise<FaultServer>;
  /** Says 421 to who idles for some seconds: where the replies can't be changed on their way. */
  readonly impatient?: () => Promise<FaultServer>;
  readonly impostor?: () => Promise<Impostor>;
  /** Where no password logs in. */
  readonly changing?: () => Promise<ChangingServer>;
}

/** Many connections at once, each with a data connection prepared ahead. */
const portCount = 100;

export const matrixServers: readonly MatrixServer[] = [
  {
    ...{ name: 'OpenSSH', protocol: 'sftp' },
    usual: direct(() => startOpenssh()),
    crowded: direct(() => startOpenssh({ config: ['MaxStartups 1'] })),
    impostor: startOtherOpenssh,
    changing: startChangingOpenssh,
  },
  {
    ...{ name: 'ProFTPD mod_sftp', protocol: 'sftp' },
    usual: direct(() => startProftpdSftp()),
    crowded: direct(() => startProftpdSftp({ config: ['MaxConnectionsPerHost 1'] })),
    impostor: startOtherOpenssh,
  },
  {
    ...{ name: 'vsftpd', protocol: 'ftp' },
    usual: vsftpd({}),
    crowded: direct(() => startVsftpd({ config: ['max_per_ip=1'] })),
  },
  {
    ...{ name: 'vsftpd, TLS 1.3', protocol: 'ftps' },
    usual: vsftpd(secure),
    crowded: direct(() => startVsftpd({ ...secure(), config: ['max_per_ip=1'] })),
    impatient: direct(() => startVsftpd({ ...secure(), idleSeconds: 3 })),
    impostor: startOtherVsftpd,
  },
  {
    ...{ name: 'ProFTPD', protocol: 'ftp' },
    usual: () => withDataPorts((first, last) => startProftpd({ config: [`PassivePorts ${first} ${last}`, 'TimeoutLinger 1'] }), portCount),
    crowded: direct(() => startProftpd({ config: ['MaxConnectionsPerHost 1'] })),
  },
];

function direct(start: () => Promise<TestServer>): () => Promise<FaultServer> {
  return async () => ({ server: await start(), dataPorts: [] });
}

function secure(): VsftpdOptions {
  return { tls: 'explicit', sessionReuse: true, ftp: { minTlsVersion: 'TLSv1.3' } };
}

function vsftpd(options: VsftpdOptions | (() => VsftpdOptions)): () => Promise<FaultServer> {
  return () =>
    withDataPorts(
      (first, last) => startVsftpd({ ...(typeof options === 'function' ? options() : options), config: vsftpdPorts(first, last) }),
      portCount,
    );
}

async function startOtherOpenssh(): Promise<Impostor> {
  const server = await startOpenssh({ config: ['LogLevel DEBUG2'] });
  return { server, sawLogIn: () => /userauth-request/.test(server.output()) };
}

async function startOtherVsftpd(): Promise<Impostor> {
  const log = join(temporaryFolder('vsftpd-log'), 'log');
  writeFileSync(log, '');
  const server = await startVsftpd({
    ...secure(),
    certificate: testCertificate('anotherSelfSigned'),
    config: ['xferlog_enable=YES', 'xferlog_std_format=NO', 'log_ftp_protocol=YES', `vsftpd_log_file=${log}`],
  });
  return { server, sawLogIn: () => /"(?:USER|PASS)/.test(readFileSync(log, 'latin1')) };
}

async function startChangingOpenssh(): Promise<ChangingServer> {
  const folder = temporaryFolder('changing-keys');
  const file = join(folder, 'authorized_keys');
  let key = '';
  const server = await startOpenssh({
    config: [`AuthorizedKeysFile ${file}`],
    keys: (own) => {
      const pair = makeKey(own, 'ed25519');
      key = `${pair.publicLine}\n`;
      return [pair];
    },
  });
  const restoreKeys = (): void => writeFileSync(file, key);
  restoreKeys();
  return { server, dataPorts: [], restoreKeys, changeKeys: () => writeFileSync(file, '') };
}
