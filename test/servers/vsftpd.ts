import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { env as environment } from 'node:process';
import { isRoot, passwordAccount } from './account.ts';
import { addressOf, certificateOf, describeFtpServer, type FtpServerOptions } from './ftpServer.ts';
import { removeFolder, temporaryFolder } from './folder.ts';
import { startOnFreePort, startProcess, type Place } from './process.ts';
import { ServerUnavailable, type ServerQuirks, type TestServer } from './server.ts';
import { unpackedVsftpd } from './unpacked.ts';

const quirks: ServerQuirks = {
  hasMlsd: false,
  noListMtime: true,
  atomicReplace: true,
  exclusiveCreate: false,
  optional: { chmod: true, setMtime: true, symlink: false, copyOnServer: false },
};

export interface VsftpdOptions extends FtpServerOptions {
  readonly readOnly?: boolean;
  /** Default: this machine, at `address`. */
  readonly place?: Place;
  /** TZ of its process; default: this one's. */
  readonly timeZone?: string;
  /** Ends sessions that do nothing for so long, once they are logged in. */
  readonly idleSeconds?: number;
  /** More lines for the configuration; they win over the usual ones. */
  readonly config?: readonly string[];
}

/** A real vsftpd on loopback; it needs root, since it asks PAM and confines sessions. */
export async function startVsftpd(options: VsftpdOptions = {}): Promise<TestServer> {
  if (!isRoot()) throw new ServerUnavailable('vsftpd can be run by root only.');
  const { binary } = unpackedVsftpd();
  const account = await passwordAccount();
  const folder = temporaryFolder('vsftpd');
  const root = temporaryFolder('vsftpd-files', { owner: account });
  mkdirSync(join(folder, 'empty'), { mode: 0o555 });
  mkdirSync(join(folder, 'users'), { mode: 0o700 });
  if (options.idleSeconds !== undefined)
    writeFileSync(join(folder, 'users', account.user), `idle_session_timeout=${options.idleSeconds}\n`, { mode: 0o600 });
  const address = addressOf(options);
  try {
    return await startOnFreePort(async (port) => {
      const file = join(folder, 'vsftpd.conf');
      writeFileSync(file, [...configuration(port, root, folder, options), ''].join('\n'), { mode: 0o600 });
      const env = { ...environment, ...(options.timeZone !== undefined && { TZ: options.timeZone }) };
      const process = await startProcess({ command: binary, args: [file], env, place: options.place, ready: { port, address } });
      return describeFtpServer(options, {
        ...{ software: 'vsftpd', version: '3.0.3', port, user: account.user, password: account.password, process, root, account },
        ...{
          rootOnServer: '/',
          quirks: options.readOnly === true ? { ...quirks, readOnly: true, optional: {} } : quirks,
          folders: [folder, root],
        },
      });
    }, options.address);
  } catch (error) {
    [folder, root].forEach(removeFolder);
    throw error;
  }
}

function configuration(port: number, root: string, folder: string, options: VsftpdOptions): string[] {
  const sixth = addressOf(options) === '::1';
  return [
    ...['background=NO', 'seccomp_sandbox=NO', 'isolate=NO', 'isolate_network=NO', `secure_chroot_dir=${join(folder, 'empty')}`],
    `user_config_dir=${join(folder, 'users')}`,
    ...(sixth
      ? ['listen=NO', 'listen_ipv6=YES', 'listen_address6=::1']
      : ['listen=YES', 'listen_ipv6=NO', `listen_address=${addressOf(options)}`]),
    ...[`listen_port=${port}`, 'anonymous_enable=NO', 'local_enable=YES', 'pam_service_name=other', 'max_per_ip=0', 'max_clients=0'],
    ...[`local_root=${root}`, 'chroot_local_user=YES', 'allow_writeable_chroot=YES', 'local_umask=022', 'file_open_mode=0666'],
    ...[`write_enable=${options.readOnly === true ? 'NO' : 'YES'}`, 'mdtm_write=YES', 'force_dot_files=YES', 'utf8_filesystem=YES'],
    ...['port_enable=YES', 'connect_from_port_20=NO', 'xferlog_enable=NO', 'ftpd_banner=vsftpd 3.0.3'],
    ...tls(options),
    ...(options.config ?? []),
  ];
}

function tls(options: VsftpdOptions): string[] {
  const certificate = certificateOf(options);
  if (certificate === undefined) return [];
  return [
    ...['ssl_enable=YES', 'ssl_ciphers=HIGH', 'force_local_logins_ssl=YES', 'force_local_data_ssl=YES'],
    ...[`rsa_cert_file=${certificate.certificate}`, `rsa_private_key_file=${certificate.key}`],
    ...[`implicit_ssl=${options.tls === 'implicit' ? 'YES' : 'NO'}`, `require_ssl_reuse=${options.sessionReuse === false ? 'NO' : 'YES'}`],
    ...(options.clientAuthority === undefined
      ? []
      : ['ssl_request_cert=YES', 'require_cert=YES', 'validate_cert=YES', `ca_certs_file=${options.clientAuthority.certificate}`]),
  ];
}
