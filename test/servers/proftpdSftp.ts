import { chmodSync, chownSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRoot, loginAccount, type Account } from './account.ts';
import { removeFolder, temporaryFolder } from './folder.ts';
import { fingerprintOf, makeKey, publicKeyRfc4716, type KeyPair } from './keys.ts';
import { startOnFreePort, startProcess } from './process.ts';
import { findProgram, printedBy, runProgram } from './program.ts';
import { makeHost, type TestServer } from './server.ts';
import { unpackedProftpd } from './unpacked.ts';

export interface ProftpdSftpOptions {
  /** Default `password`. */
  readonly authentication?: 'password' | 'publickey';
  /** More lines for the configuration. */
  readonly config?: readonly string[];
}

const user = 'ferry';
const password = 'correct horse, battery; staple';

interface Setting {
  readonly account: Account;
  readonly folder: string;
  readonly root: string;
  readonly hostKey: KeyPair;
  readonly key: KeyPair;
  readonly modules: string;
}

/** ProFTPD with mod_sftp, an SFTP server that shares no code with OpenSSH's. Its user is its own, not the system's. */
export async function startProftpdSftp({ authentication = 'password', config = [] }: ProftpdSftpOptions = {}): Promise<TestServer> {
  const { binary, modules, libraries } = unpackedProftpd();
  const account = await loginAccount();
  const folder = temporaryFolder('proftpd-sftp');
  const root = temporaryFolder('files', { owner: isRoot() ? account : undefined });
  const setting: Setting = { account, folder, root, hostKey: makeKey(folder, 'rsa', 'pem'), key: makeKey(folder, 'ed25519'), modules };
  const env = { ...process.env, LD_LIBRARY_PATH: libraries };
  writeUserFiles(setting);
  const server = await startOnFreePort(async (port) => {
    const file = join(folder, 'proftpd.conf');
    writeFileSync(file, [...configuration(port, setting, authentication), ...config, ''].join('\n'));
    const args = ['--nodaemon', '--config', file];
    return { port, process: await startProcess({ command: binary, args, env, ready: { port } }) };
  });
  const withKey = authentication === 'publickey';
  return {
    name: withKey ? 'ProFTPD mod_sftp, key' : 'ProFTPD mod_sftp',
    version: /Version ([\w.]+)/.exec(printedBy('env', [`LD_LIBRARY_PATH=${libraries}`, binary, '-v']))?.[1] ?? 'unknown',
    host: makeHost({
      ...{ name: 'proftpd-sftp', protocol: 'sftp', port: server.port, user },
      sftp: { privateKeys: withKey ? [setting.key.file] : [] },
    }),
    secrets: { ...(withKey ? {} : { password }), fingerprint: fingerprintOf(setting.hostKey.publicLine) },
    ...{ root, rootOnServer: isRoot() ? '/' : root, owner: isRoot() ? { uid: account.uid, gid: account.gid } : undefined },
    quirks: { atomicReplace: true, exclusiveCreate: true, optional: { chmod: true, setMtime: true, readLink: true, symlink: true } },
    output: () => server.process.output(),
    process: server.process,
    async stop() {
      await server.process.stop();
      [folder, root].forEach(removeFolder);
    },
  };
}

function writeUserFiles({ account, folder, root, key }: Setting): void {
  const hash = runProgram(findProgram('openssl', 'openssl'), ['passwd', '-6', '-stdin'], password).trim();
  writeFileSync(join(folder, 'users'), `${user}:${hash}:${account.uid}:${account.gid}::${root}:/bin/sh\n`, { mode: 0o600 });
  const authorized = join(folder, 'authorized');
  writeFileSync(authorized, publicKeyRfc4716(folder, key.publicLine), { mode: 0o644 });
  chmodSync(folder, 0o755);
  if (isRoot()) chownSync(authorized, account.uid, account.gid);
}

function configuration(port: number, setting: Setting, authentication: string): string[] {
  const { account, folder, hostKey, modules } = setting;
  return [
    ...[`ModulePath ${modules}`, 'LoadModule mod_sftp.c', 'ServerType standalone', 'DefaultServer on', 'ServerName ferry-test'],
    ...[`Port ${port}`, 'DefaultAddress 127.0.0.1', 'SocketBindTight on', 'UseIPv6 off', 'UseReverseDNS off', 'WtmpLog off'],
    ...[`User ${account.user}`, `Group ${runProgram('id', ['-gn', account.user]).trim()}`],
    ...[`PidFile ${join(folder, 'pid')}`, `ScoreboardFile ${join(folder, 'scoreboard')}`, `SystemLog ${join(folder, 'system.log')}`],
    ...['TransferLog none', 'MaxInstances 60', 'DelayEngine off', 'RequireValidShell off', 'AllowOverwrite on'],
    ...['AuthOrder mod_auth_file.c', `AuthUserFile ${join(folder, 'users')}`, ...(isRoot() ? ['DefaultRoot ~'] : [])],
    ...['SFTPEngine on', `SFTPHostKey ${hostKey.file}`, `SFTPLog ${join(folder, 'sftp.log')}`, `SFTPAuthMethods ${authentication}`],
    ...[`SFTPAuthorizedUserKeys file:${join(folder, 'authorized')}`],
  ];
}
