import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRoot, loginAccount, type Account } from './account.ts';
import { addressOf, certificateOf, describeFtpServer, newPassword, type FtpServerOptions } from './ftpServer.ts';
import { removeFolder, temporaryFolder } from './folder.ts';
import { startOnFreePort, startProcess } from './process.ts';
import { findProgram, runProgram } from './program.ts';
import type { ServerQuirks, TestServer } from './server.ts';
import { unpackedProftpd } from './unpacked.ts';

const quirks: ServerQuirks = {
  hasMlsd: true,
  atomicReplace: true,
  exclusiveCreate: false,
  cannotHold: (name) => (name.includes('*') ? 'ProFTPD makes no folder with an asterisk in its name.' : undefined),
  optional: { chmod: true, setMtime: true, symlink: false, copyOnServer: false },
};

export interface ProftpdOptions extends FtpServerOptions {
  /** The newest TLS it speaks. */
  readonly tlsVersion?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  /** Ends sessions that do nothing for so long, once they are logged in. */
  readonly idleSeconds?: number;
  /** More lines for the configuration. */
  readonly config?: readonly string[];
}

interface Setting {
  readonly account: Account;
  readonly folder: string;
  readonly root: string;
  readonly password: string;
  readonly modules: string;
}

/** A real ProFTPD on loopback; run by root it confines sessions to their folder, else they see the whole disk. */
export async function startProftpd(options: ProftpdOptions = {}): Promise<TestServer> {
  const { binary, libraries, modules } = unpackedProftpd();
  const account = await loginAccount();
  const folder = temporaryFolder('proftpd');
  const root = temporaryFolder('proftpd-files', { owner: account });
  const setting = { account, folder, root, password: newPassword(), modules };
  writeAccounts(setting);
  const address = addressOf(options);
  try {
    return await startOnFreePort(async (port) => {
      const file = join(folder, 'proftpd.conf');
      writeFileSync(file, [...configuration(port, setting, options), ''].join('\n'));
      const args = ['--nodaemon', '--config', file, ...(address === '::1' ? [] : ['--ipv4'])];
      const env = { ...globalThis.process.env, LD_LIBRARY_PATH: libraries };
      const process = await startProcess({ command: binary, args, env, ready: { port, address } });
      return describeFtpServer(options, {
        ...{ software: 'ProFTPD', version: '1.3.8', port, user: account.user, password: setting.password, process, root, account },
        ...{ rootOnServer: isRoot() ? '/' : root, quirks, folders: [folder, root] },
      });
    }, address);
  } catch (error) {
    [folder, root].forEach(removeFolder);
    throw error;
  }
}

function writeAccounts({ account, folder, root, password }: Setting): void {
  const hash = runProgram(findProgram('openssl', 'openssl'), ['passwd', '-6', '-stdin'], `${password}\n`).trim();
  const users = join(folder, 'passwd');
  const groups = join(folder, 'group');
  writeFileSync(users, `${account.user}:${hash}:${account.uid}:${account.gid}::${root}:/bin/sh\n`);
  writeFileSync(groups, `${account.user}:x:${account.gid}:\n`);
  for (const file of [users, groups]) chmodSync(file, 0o600);
  mkdirSync(join(folder, 'run'));
}

function configuration(port: number, setting: Setting, options: ProftpdOptions): string[] {
  const { account, folder, modules } = setting;
  return [
    ...[`ModulePath ${modules}`, 'LoadModule mod_tls.c', 'LoadModule mod_tls_shmcache.c', 'LoadModule mod_copy.c'],
    ...['ServerName "ProFTPD"', 'ServerType standalone', `Port ${port}`, `DefaultAddress ${addressOf(options)}`, 'SocketBindTight on'],
    ...[`UseIPv6 ${addressOf(options) === '::1' ? 'on' : 'off'}`, 'UseReverseDNS off', 'MaxInstances 100'],
    ...[`User ${isRoot() ? 'nobody' : account.user}`, `Group ${isRoot() ? 'nogroup' : account.gid}`],
    ...[`PidFile ${folder}/run/pid`, `ScoreboardFile ${folder}/run/score`, `DelayTable ${folder}/run/delay`, 'DelayEngine off'],
    ...['AuthOrder mod_auth_file.c', `AuthUserFile ${folder}/passwd`, `AuthGroupFile ${folder}/group`, 'RequireValidShell off'],
    ...[isRoot() ? 'DefaultRoot ~' : `DefaultChdir ${setting.root}`, 'AllowOverwrite on', 'AllowStoreRestart on', 'ListOptions "-a"'],
    ...['Umask 022', 'TransferLog none', 'WtmpLog off', `SystemLog ${folder}/log`, 'UseSendfile off', 'AllowForeignAddress off'],
    ...['<Limit SITE_CHMOD>', 'AllowAll', '</Limit>'],
    ...tls(folder, options),
    ...(options.idleSeconds === undefined
      ? []
      : ['LoadModule mod_ifsession.c', '<IfUser regex .>', `TimeoutIdle ${options.idleSeconds}`, '</IfUser>']),
    ...(options.config ?? []),
  ];
}

function tls(folder: string, options: ProftpdOptions): string[] {
  const certificate = certificateOf(options);
  if (certificate === undefined) return [];
  const flags = [
    ...(options.sessionReuse === false ? ['NoSessionReuseRequired'] : []),
    ...(options.tls === 'implicit' ? ['UseImplicitSSL'] : []),
  ];
  return [
    ...['TLSEngine on', 'TLSRequired on', `TLSLog ${folder}/tls`, `TLSProtocol ${options.tlsVersion ?? 'TLSv1.2 TLSv1.3'}`],
    ...[`TLSRSACertificateFile ${certificate.certificate}`, `TLSRSACertificateKeyFile ${certificate.key}`],
    ...(options.tlsVersion === 'TLSv1' || options.tlsVersion === 'TLSv1.1' ? ['TLSCipherSuite DEFAULT:@SECLEVEL=0'] : []),
    ...(flags.length > 0 ? [`TLSOptions ${flags.join(' ')}`] : []),
    ...(options.clientAuthority === undefined
      ? ['TLSVerifyClient off']
      : ['TLSVerifyClient on', `TLSCACertificateFile ${options.clientAuthority.certificate}`]),
  ];
}
