import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isRoot } from './account.ts';
import { findProgram } from './program.ts';
import { ServerUnavailable } from './server.ts';

/** Debian's FTP servers exclude each other as installed packages: they are fetched and unpacked beside the system instead. */
const cache = join(import.meta.dirname, '../../.vscode-test/debian');

interface Unpacked {
  readonly binary: string;
  /** For LD_LIBRARY_PATH. */
  readonly libraries: string;
}

/** With `mod_tls` and `mod_sftp` among its modules (a folder for `ModulePath`). */
export function unpackedProftpd(): Unpacked & { readonly modules: string } {
  const folder = unpacked('proftpd', [
    ...['proftpd-core', 'proftpd-mod-crypto'],
    ...['libhiredis0.14', 'libmemcached11', 'libmemcachedutil2', 'libhashkit2', 'libpcre2-posix3'],
  ]);
  return { ...inside(folder, 'proftpd'), modules: join(folder, 'usr/lib/proftpd') };
}

export function unpackedVsftpd(): Unpacked {
  return inside(unpacked('vsftpd', ['vsftpd']), 'vsftpd');
}

export function unpackedPureFtpd(): Unpacked {
  return inside(unpacked('pure-ftpd', ['pure-ftpd', 'pure-ftpd-common']), 'pure-ftpd');
}

/** The program of a small SOCKS 5 server. */
export function unpackedMicrosocks(): string {
  return join(unpacked('microsocks', ['microsocks']), 'usr/bin/microsocks');
}

function inside(folder: string, program: string): Unpacked {
  const libraries = join(folder, 'usr/lib');
  const machine = existsSync(libraries) ? readdirSync(libraries).find((name) => name.includes('-linux-')) : undefined;
  return { binary: join(folder, 'usr/sbin', program), libraries: machine === undefined ? libraries : join(libraries, machine) };
}

/** The folder of a server, complete as soon as it is there: it gets its name last, so that runs at the same time don't meet. */
function unpacked(name: string, packages: readonly string[]): string {
  const folder = join(cache, name);
  if (existsSync(folder)) return folder;
  const apt = findProgram('apt-get', 'apt');
  const dpkg = findProgram('dpkg', 'dpkg');
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(`${folder}.`);
  try {
    const archives = download(apt, packages, work);
    const content = join(work, 'content');
    for (const archive of archives) run(dpkg, ['-x', archive, content], work, name);
    renameOnce(content, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return folder;
}

function download(apt: string, packages: readonly string[], work: string): string[] {
  const fetch = (): boolean => spawnSync(apt, ['-qq', 'download', ...packages], { cwd: work }).status === 0;
  if (!fetch()) {
    if (isRoot()) spawnSync(apt, ['-qq', 'update']);
    run(apt, ['-qq', 'download', ...packages], work, packages[0] ?? '');
  }
  return readdirSync(work)
    .filter((file) => file.endsWith('.deb'))
    .map((file) => join(work, file));
}

function run(command: string, args: readonly string[], cwd: string, what: string): void {
  const { status, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new ServerUnavailable(`${what} could not be fetched from Debian: ${error?.message ?? stderr.trim()}`);
}

function renameOnce(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!existsSync(to)) throw error;
  }
}
