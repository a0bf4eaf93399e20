import { faultServers } from '../contract/faultServers.ts';
import { startPyftpdlib } from '../servers/pyftpdlib.ts';
import { ServerUnavailable, serversAreRequired, type TestServer } from '../servers/server.ts';
import { startVsftpd } from '../servers/vsftpd.ts';

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
  /** Those whose lists tell times by the minute, in a zone five hours ahead. */
  readonly coarse: readonly RealServer[];
  stop(): Promise<void>;
}

const names = ['OpenSSH', 'vsftpd', 'vsftpd, TLS session reuse required'];

const coarse: readonly { readonly name: string; readonly start: () => Promise<TestServer>; readonly setting: object }[] = [
  // What it takes for UTC is not: Ferry finds out from what it uploads.
  {
    name: 'vsftpd, five hours ahead',
    start: () => startVsftpd({ timeZone: '<+05>-5', config: ['use_localtime=YES'] }),
    setting: {},
  },
  {
    name: 'pyftpdlib, without exact times',
    start: () => startPyftpdlib({ quirks: ['noMlsd', 'noMdtm', 'noMfmt', 'localTimes'], anonymous: true }),
    setting: { timeZone: '+05:00' },
  },
];

interface Running {
  readonly real: RealServer;
  readonly stop: () => Promise<void>;
}

/** Those of SFTP, FTP and FTPS that this machine can run. */
export async function startRealServers(): Promise<RealServers> {
  const servers = await startAll(
    faultServers
      .filter(({ name }) => names.includes(name))
      .map(({ start }) => async () => {
        const { server, dataPorts } = await start();
        return running(server, dataPorts);
      }),
  );
  const others = await startAll(
    coarse.map(({ name, start, setting }) => async () => {
      const { real, stop } = running(await start(), []);
      return { real: { ...real, name, setting: { ...real.setting, ...setting } }, stop };
    }),
  );
  return {
    servers: servers.map(({ real }) => real),
    coarse: others.map(({ real }) => real),
    stop: async () => {
      await Promise.all([...servers, ...others].map(({ stop }) => stop()));
    },
  };
}

async function startAll(starts: readonly (() => Promise<Running>)[]): Promise<readonly Running[]> {
  const all: Running[] = [];
  for (const start of starts) {
    try {
      all.push(await start());
    } catch (error) {
      if (!(error instanceof ServerUnavailable) || serversAreRequired()) throw error;
      console.error(`    skipped: ${error.message}`);
    }
  }
  return all;
}

function running(server: TestServer, dataPorts: readonly number[]): Running {
  const { name, host, secrets, root, rootOnServer, owner } = server;
  const { protocol, port, user = 'anonymous' } = host;
  const keys = protocol === 'sftp' ? { privateKeys: host.sftp.privateKeys, agent: false } : {};
  const setting = { protocol, port, user, ...keys };
  return { real: { name, setting, password: secrets.password, dataPorts, root, rootOnServer, owner }, stop: () => server.stop() };
}
