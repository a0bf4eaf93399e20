import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { isRoot, loginAccount } from './account.ts';
import type { Certificate } from './certificates.ts';
import { removeFolder, temporaryFolder } from './folder.ts';
import { addressOf, certificateOf, describeFtpServer, newPassword, type FtpServerOptions } from './ftpServer.ts';
import { startOnFreePort, startProcess } from './process.ts';
import { isExecutable } from './program.ts';
import { ServerUnavailable, type ServerQuirks, type TestServer } from './server.ts';

export type PyftpdlibQuirk =
  | 'noEpsv'
  | 'noMlsd'
  | 'noMdtm'
  | 'noMfmt'
  | 'noSize'
  | 'noFeat'
  /** 227 names an address that leads nowhere. */
  | 'wrongPasvAddress'
  /** Names are whatever bytes they are, not only UTF-8. */
  | 'rawNames'
  /** `LIST -a` is an empty list. */
  | 'listOptionsEmpty'
  /** 421 after a second without a command. */
  | 'idle'
  | 'readOnly'
  /** Each command takes 150 ms. */
  | 'slow'
  /** A second connection from the same address gets 421. */
  | 'oneConnection'
  | 'authRefused'
  | 'authSslOnly'
  | 'pbszRefused'
  | 'protRefused'
  /** USER is taken without TLS too. */
  | 'tlsOptional'
  | 'renameRefusesExisting'
  /** EPSV and PASV are refused. */
  | 'activeOnly'
  /** Every time it tells, MDTM and MLSD too, is that of a zone five hours ahead of UTC. */
  | 'localTimes'
  /** EPSV and PASV name a port that nothing listens on. */
  | 'passiveBlocked';

export interface PyftpdlibOptions extends FtpServerOptions {
  readonly quirks?: readonly PyftpdlibQuirk[];
  /** The newest TLS it speaks; then also the oldest ones. */
  readonly tlsVersion?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  readonly anonymous?: boolean;
  /** Shown on data connections instead of the control connection's. */
  readonly dataCertificate?: Certificate;
}

/* Debian's Python brings Debian's packages; another one that comes first on PATH does not. */
const python = '/usr/bin/python3';
const software = 'pyftpdlib';

/** pyftpdlib on loopback, with quirks. `output()` has all commands (`C: …`) and replies (`S: …`) but passwords. */
export async function startPyftpdlib(options: PyftpdlibOptions = {}): Promise<TestServer> {
  const version = installedVersion();
  const account = await loginAccount();
  const root = temporaryFolder('pyftpdlib-files', { owner: account });
  const login = options.anonymous === true ? {} : { user: 'ferry', password: newPassword() };
  const address = addressOf(options);
  const settings = { ...settingsOf(options), ...login, address, root, ...(isRoot() ? { uid: account.uid, gid: account.gid } : {}) };
  try {
    return await startOnFreePort(async (port) => {
      const args = [join(import.meta.dirname, 'quirkyFtpServer.py'), JSON.stringify({ ...settings, port })];
      const process = await startProcess({ command: python, args, ready: /^ready$/m });
      return describeFtpServer(options, {
        ...{ software, version, port, user: login.user, password: login.password, process, root, account },
        ...{ rootOnServer: '/', quirks: quirksOf(options), folders: [root] },
      });
    }, address);
  } catch (error) {
    removeFolder(root);
    throw error;
  }
}

let known: string | undefined;

function installedVersion(): string {
  if (known !== undefined) return known;
  if (!isExecutable(python)) throw new ServerUnavailable(`${python} is not installed (Debian package python3).`);
  const { status, stdout } = spawnSync(python, ['-c', 'import OpenSSL, pyftpdlib; print(pyftpdlib.__ver__)'], { encoding: 'utf8' });
  if (status !== 0) throw new ServerUnavailable('pyftpdlib is not installed (Debian packages python3-pyftpdlib and python3-openssl).');
  return (known = stdout.trim());
}

function settingsOf(options: PyftpdlibOptions): Record<string, unknown> {
  const { quirks = [], tls = 'none', tlsVersion, clientAuthority, dataCertificate } = options;
  const certificate = certificateOf(options);
  return {
    ...{ quirks, tls, tlsVersion, clientAuthority: clientAuthority?.certificate },
    ...(certificate === undefined ? {} : { certificate: certificate.certificate, key: certificate.key }),
    ...(dataCertificate === undefined ? {} : { dataCertificate: dataCertificate.certificate, dataKey: dataCertificate.key }),
  };
}

function quirksOf({ quirks = [] }: PyftpdlibOptions): ServerQuirks {
  const has = (quirk: PyftpdlibQuirk): boolean => quirks.includes(quirk);
  return {
    hasMlsd: !has('noMlsd'),
    noListMtime: has('noMlsd'),
    noMtime: has('noMlsd') && has('noMdtm'),
    readOnly: has('readOnly'),
    // Only a refused rename tells.
    ...(has('renameRefusesExisting') ? {} : { atomicReplace: true }),
    exclusiveCreate: false,
    optional: { symlink: false, copyOnServer: false },
    exceptions: has('rawNames') ? {} : { 'carries names whose bytes are no UTF-8': 'pyftpdlib replaces such bytes.' },
  };
}
