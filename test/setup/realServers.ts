import { faultServers } from '../contract/faultServers.ts';
import { ServerUnavailable, serversAreRequired } from '../servers/server.ts';

/** A real server for tests that run in VS Code: plain data, as JSON from process to process. */
export interface RealServer {
  readonly name: string;
  /** An item of `ferry.hosts`, but for its name. */
  readonly setting: { readonly protocol: 'sftp' | 'ftp' | 'ftps'; readonly port: number; readonly user: string };
  readonly password: string | undefined;
  /** For a proxy at the same numbers of another address. */
  readonly dataPorts: readonly number[];
  /** On this computer's disk, and as clients see it. */
  readonly root: string;
  readonly rootOnServer: string;
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
}

export interface RealServers {
  readonly servers: readonly RealServer[];
  stop(): Promise<void>;
}

const names = ['OpenSSH', 'vsftpd', 'vsftpd, TLS session reuse required'];

/** Those of SFTP, FTP and FTPS that this machine can run. */
export async function startRealServers(): Promise<RealServers> {
  const running: Awaited<ReturnType<(typeof faultServers)[number]['start']>>[] = [];
  for (const { name, start } of faultServers) {
    if (!names.includes(name)) continue;
    try {
      running.push(await start());
    } catch (error) {
      if (!(error instanceof ServerUnavailable) || serversAreRequired()) throw error;
      console.error(`    skipped: ${error.message}`);
    }
  }
  const servers = running.map(({ server, dataPorts }): RealServer => {
    const { host, secrets, root, rootOnServer, owner } = server;
    const { protocol, port, user = '' } = host;
    const keys = protocol === 'sftp' ? { privateKeys: host.sftp.privateKeys, agent: false } : {};
    return {
      name: server.name,
      setting: { protocol, port, user, ...keys },
      password: secrets.password,
      dataPorts,
      root,
      rootOnServer,
      owner,
    };
  });
  return {
    servers,
    stop: async () => {
      await Promise.all(running.map(({ server }) => server.stop()));
    },
  };
}
