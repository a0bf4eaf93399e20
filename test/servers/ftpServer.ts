import { randomBytes } from 'node:crypto';
import type { FtpOptions, Host } from '../../src/core/host.ts';
import { isRoot, type Account } from './account.ts';
import { testCertificate, type Certificate } from './certificates.ts';
import { removeFolder } from './folder.ts';
import type { Place, ServerProcess } from './process.ts';
import { makeHost, type ServerQuirks, type TestServer } from './server.ts';

/** What every FTP server of the tests can be asked for. */
export interface FtpServerOptions {
  /** After the software's name, in the server's name. */
  readonly name?: string;
  /** Default `none`. */
  readonly tls?: 'none' | 'explicit' | 'implicit';
  /** Data connections have to resume the control connection's TLS session. Default: what the software does by itself. */
  readonly sessionReuse?: boolean;
  readonly address?: '127.0.0.1' | '::1';
  /** Default: the self-signed one. */
  readonly certificate?: Certificate;
  /** Clients have to show a certificate that this authority signed. */
  readonly clientAuthority?: Certificate;
  readonly charset?: string;
  /** Of the host as Ferry sees it: mode, bounds of the TLS version, … */
  readonly ftp?: Partial<FtpOptions>;
}

/** What is left to say once the server runs. */
export interface StartedFtpServer {
  readonly software: string;
  readonly version: string;
  readonly port: number;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly process: ServerProcess;
  readonly root: string;
  readonly rootOnServer: string;
  readonly account: Account | undefined;
  readonly quirks: ServerQuirks;
  /** Removed when it stops. */
  readonly folders: readonly string[];
}

/** What every FTP server can be asked for, and where it is to run, if it can be asked for that. */
type PlacedOptions = FtpServerOptions & { readonly place?: Place };

export function addressOf(options: PlacedOptions): string {
  return options.place?.address ?? options.address ?? '127.0.0.1';
}

export function certificateOf(options: FtpServerOptions): Certificate | undefined {
  return (options.tls ?? 'none') === 'none' ? undefined : (options.certificate ?? testCertificate('selfSigned'));
}

export function newPassword(): string {
  return randomBytes(12).toString('base64url');
}

export function describeFtpServer(options: PlacedOptions, started: StartedFtpServer): TestServer {
  const { software, version, process, root, rootOnServer, account, quirks, folders, password } = started;
  const fingerprint = certificateOf(options)?.fingerprint;
  return {
    name: options.name === undefined ? software : `${software}, ${options.name}`,
    version,
    host: hostOf(options, started),
    secrets: { ...(password === undefined ? {} : { password }), ...(fingerprint === undefined ? {} : { fingerprint }) },
    ...{ root, rootOnServer, quirks },
    owner: isRoot() && account !== undefined ? { uid: account.uid, gid: account.gid } : undefined,
    output: () => process.output(),
    process,
    async stop() {
      await process.stop();
      folders.forEach(removeFolder);
    },
  };
}

function hostOf(options: PlacedOptions, { software, port, user }: StartedFtpServer): Host {
  const { tls = 'none', charset = 'utf-8' } = options;
  return makeHost({
    name: software.toLowerCase().replace(/[^a-z0-9]+/g, '-'),
    protocol: tls === 'none' ? 'ftp' : 'ftps',
    address: addressOf(options),
    ...{ port, user, charset },
    ftp: { tls: tls === 'implicit' ? 'implicit' : 'explicit', ...options.ftp },
  });
}
