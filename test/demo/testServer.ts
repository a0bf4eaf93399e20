import { createRequire } from 'node:module';
import { removeFolder, temporaryFolder } from '../servers/folder.ts';
import { makeHost, type ServerQuirks, type TestServer } from '../servers/server.ts';
import { startDemoServers, type DemoName, type DemoServers } from './servers.ts';

const require = createRequire(import.meta.url);

const titles: Record<DemoName, string> = {
  'demo-sftp': 'Demo server, SFTP',
  'demo-ftp': 'Demo server, FTP',
  'demo-ftps': 'Demo server, FTPS explicit',
  'demo-ftps-implicit': 'Demo server, FTPS implicit',
};

/** One of the demo servers in the shape of the contract's servers; it is ended with `stop`. */
export async function startDemoServer(name: DemoName, secret: 'password' | 'key' = 'password'): Promise<TestServer> {
  const folder = temporaryFolder('demo');
  const servers = await startDemoServers(folder);
  const { setting, folder: root } = servers.hosts[name];
  const { user, port, protocol, tls = 'explicit' } = setting;
  const sftp = { privateKeys: secret === 'key' ? [servers.keyFile] : [] };
  return {
    name: `${titles[name]}${secret === 'key' ? ', key' : ''}`,
    version: versionOf(protocol === 'sftp' ? 'ssh2' : 'ftp-srv'),
    host: makeHost({ name, protocol, port, user, sftp, ftp: { tls } }),
    secrets: { ...(secret === 'key' ? {} : { password: servers.password }), ...fingerprintOf(servers, protocol) },
    ...{ root, rootOnServer: '/', owner: undefined, quirks: quirksOf(protocol === 'sftp') },
    output: () => '',
    async stop() {
      await servers.stop();
      removeFolder(folder);
    },
  };
}

function quirksOf(isSftp: boolean): ServerQuirks {
  /* It acts as whoever runs the tests. */
  const ignoresModes = process.getuid?.() === 0;
  const exceptions = { 'carries names whose bytes are no UTF-8': 'names are text for it' };
  return isSftp
    ? { ignoresModes, exceptions, atomicReplace: true }
    : { ignoresModes, exceptions, hasMlsd: false, noListMtime: true, exclusiveCreate: false };
}

function fingerprintOf(servers: DemoServers, protocol: string): { fingerprint?: string } {
  if (protocol === 'ftp') return {};
  return { fingerprint: protocol === 'sftp' ? servers.hostKeyFingerprint : servers.certificateFingerprint };
}

function versionOf(name: string): string {
  return (require(`${name}/package.json`) as { version: string }).version;
}
