import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRoot, loginAccount, type Account } from './account.ts';
import { addressOf, certificateOf, describeFtpServer, newPassword, type FtpServerOptions } from './ftpServer.ts';
import { removeFolder, temporaryFolder } from './folder.ts';
import { startOnFreePort, startProcess } from './process.ts';
import { findProgram, runProgram } from './program.ts';
import { ServerUnavailable, type ServerQuirks, type TestServer } from './server.ts';
import { unpackedPureFtpd } from './unpacked.ts';

const quirks: ServerQuirks = {
  hasMlsd: true,
  atomicReplace: true,
  exclusiveCreate: false,
  optional: { chmod: true, setMtime: true, symlink: false, copyOnServer: false },
  exceptions: {
    'writes through a link and leaves it a link': 'Pure-FTPd writes through no link.',
    'refuses a wrong password: Auth, in words, and asks again only so often':
      'Pure-FTPd answers a wrong password after up to half a minute.',
  },
  cannotHold(name) {
    if (name.includes('\\')) return 'Pure-FTPd refuses names with a backslash.';
    return /[\u0000-\u001f\u007f]|^\s|\s$/.test(name) ? 'Pure-FTPd drops control characters and blanks at the ends of names.' : undefined;
  },
};

export interface PureFtpdOptions extends FtpServerOptions {
  /** More arguments for the command line. */
  readonly args?: readonly string[];
}

/** A real Pure-FTPd on loopback; it confines sessions, so it needs root. Debian's build has no implicit TLS. */
export async function startPureFtpd(options: PureFtpdOptions = {}): Promise<TestServer> {
  if (!isRoot()) throw new ServerUnavailable('Pure-FTPd can be run by root only.');
  if (options.tls === 'implicit') throw new ServerUnavailable('Pure-FTPd as Debian builds it has no implicit TLS.');
  const { binary } = unpackedPureFtpd();
  const account = await loginAccount();
  const folder = temporaryFolder('pure-ftpd');
  const root = temporaryFolder('pure-ftpd-files', { owner: account });
  const password = newPassword();
  const accounts = accountsFile(join(binary, '../../bin/pure-pw'), folder, root, account, password);
  const address = addressOf(options);
  try {
    return await startOnFreePort(async (port) => {
      const args = [...argumentsOf(port, folder, accounts, options), ...(options.args ?? [])];
      const process = await startProcess({ command: binary, args, ready: { port, address } });
      return describeFtpServer(options, {
        ...{ software: 'Pure-FTPd', version: '1.0.50', port, user: account.user, password, process, root, account },
        ...{ rootOnServer: '/', quirks, folders: [folder, root] },
      });
    }, address);
  } catch (error) {
    [folder, root].forEach(removeFolder);
    throw error;
  }
}

/** Its own way to hash a password costs seconds at each login; any of crypt(3) will do. */
function accountsFile(purePw: string, folder: string, root: string, account: Account, password: string): string {
  const hash = runProgram(findProgram('openssl', 'openssl'), ['passwd', '-6', '-stdin'], `${password}\n`).trim();
  const text = join(folder, 'accounts');
  const database = join(folder, 'accounts.pdb');
  writeFileSync(text, `${account.user}:${hash}:${account.uid}:${account.gid}::${root}/./::::::::::::\n`, { mode: 0o600 });
  runProgram(purePw, ['mkdb', database, '-f', text]);
  return database;
}

function argumentsOf(port: number, folder: string, accounts: string, options: PureFtpdOptions): string[] {
  const certificate = certificateOf(options);
  return [
    ...['-S', `${addressOf(options)},${port}`, ...(addressOf(options) === '::1' ? ['-6'] : ['-4'])],
    ...['-l', `puredb:${accounts}`, '-g', join(folder, 'pid'), '-A', '-E', '-H', '-D', '-u', '1', '-U', '133:022'],
    ...['-c', '200', '-C', '200', '-L', '30000:10', '-I', '15'],
    ...(certificate === undefined ? ['-Y', '0'] : ['-Y', '3', '-2', `${certificate.certificate},${certificate.key}`]),
  ];
}
