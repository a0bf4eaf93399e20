import { X509Certificate, randomBytes } from 'node:crypto';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { startOnFreePort } from '../servers/process.ts';
import { makeCertificate, type Certificate } from './certificate.ts';
import { startFtpServer } from './ftpServer.ts';
import { startSftpServer, type RunningServer } from './sftpServer.ts';
import { seedSite } from './site.ts';

/** An item of the `ferry.hosts` setting. */
export interface HostSetting {
  readonly name: string;
  readonly protocol: 'sftp' | 'ftp' | 'ftps';
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly root: string;
  readonly tls?: 'explicit' | 'implicit';
  readonly privateKeys?: readonly string[];
  readonly saveMode?: 'inPlace';
  readonly clientCertificate?: { readonly certificate: string; readonly key: string };
}

/** A running demo server. */
export interface DemoHost {
  readonly setting: HostSetting;
  /** The local folder that it shows as `/`. */
  readonly folder: string;
}

/** All of it is plain data: it can go to another process as JSON. */
export interface DemoHosts {
  readonly hosts: Readonly<Record<DemoName, DemoHost>>;
  readonly password: string;
  /** A private key without passphrase that the SFTP server admits. */
  readonly keyFile: string;
  /** What a careful person compares with. */
  readonly hostKeyFingerprint: string;
  readonly certificateFingerprint: string;
}

export interface DemoServers extends DemoHosts {
  stop(): Promise<void>;
}

export const demoNames = ['demo-sftp', 'demo-ftp', 'demo-ftps', 'demo-ftps-implicit'] as const;
export type DemoName = (typeof demoNames)[number];

export const demoUser = 'ferry';

/** What stays the same from one start to the next, so that a person is asked about a server's identity once. */
interface Identity {
  readonly password: string;
  readonly hostKey: string;
  readonly authorizedKey: string;
  readonly certificate: Certificate;
  readonly ports: Partial<Record<DemoName, number>>;
}

/**
 * Starts the four servers on loopback, on the ports of the last time where they are free. `folder` keeps identities and the sites; what
 * was changed on a site stays. Needs no root, and nothing but Node.
 */
export async function startDemoServers(folder: string): Promise<DemoServers> {
  const identity = await readIdentity(folder);
  const hosts: Partial<Record<DemoName, DemoHost>> = {};
  const running: RunningServer[] = [];
  for (const name of demoNames) {
    const site = join(folder, 'sites', name);
    if ((await stat(site).catch(() => undefined)) === undefined) await seedSite(site);
    const server = await startOne(name, site, identity);
    running.push(server);
    hosts[name] = { setting: setting(name, server.port, keyFile(folder)), folder: site };
  }
  const ports = Object.fromEntries(demoNames.map((name) => [name, hosts[name]?.setting.port]));
  await writeFile(join(folder, 'identity.json'), JSON.stringify({ ...identity, ports }), { mode: 0o600 });
  return {
    hosts: hosts as Record<DemoName, DemoHost>,
    password: identity.password,
    keyFile: keyFile(folder),
    hostKeyFingerprint: await fingerprint(identity.hostKey),
    certificateFingerprint: new X509Certificate(identity.certificate.certificate).fingerprint256,
    stop: async () => {
      await Promise.all(running.map((server) => server.stop()));
    },
  };
}

async function startOne(name: DemoName, site: string, identity: Identity): Promise<RunningServer> {
  const { password, certificate } = identity;
  const start = (port: number): Promise<RunningServer> =>
    name === 'demo-sftp'
      ? startSftpServer({ folder: site, port, user: demoUser, password, hostKey: identity.hostKey, authorizedKey: identity.authorizedKey })
      : startFtpServer({ folder: site, port, user: demoUser, password, certificate, tls: ftpTls[name] });
  const last = identity.ports[name];
  const again = last === undefined ? undefined : await start(last).catch(() => undefined);
  return again ?? startOnFreePort(start);
}

const ftpTls = { 'demo-ftp': 'none', 'demo-ftps': 'explicit', 'demo-ftps-implicit': 'implicit' } as const;

function setting(name: DemoName, port: number, key: string): HostSetting {
  const common = { name, address: '127.0.0.1', port, user: demoUser, root: '/' };
  if (name === 'demo-sftp') return { ...common, protocol: 'sftp', privateKeys: [key] };
  if (name === 'demo-ftp') return { ...common, protocol: 'ftp' };
  return { ...common, protocol: 'ftps', tls: name === 'demo-ftps' ? 'explicit' : 'implicit' };
}

function keyFile(folder: string): string {
  return join(folder, 'id_ed25519');
}

async function readIdentity(folder: string): Promise<Identity> {
  const known = await readFile(join(folder, 'identity.json'), 'utf8').catch(() => undefined);
  const identity = known === undefined ? undefined : (JSON.parse(known) as Identity);
  if (identity !== undefined && Date.parse(new X509Certificate(identity.certificate.certificate).validTo) > Date.now()) return identity;
  return makeIdentity(folder);
}

async function makeIdentity(folder: string): Promise<Identity> {
  await mkdir(folder, { recursive: true });
  const [host, user] = [makeKeyPair(), makeKeyPair()];
  await writeFile(keyFile(folder), user.private, { mode: 0o600 });
  const password = `ferry-${randomBytes(5).toString('hex')}`;
  return { password, hostKey: host.private, authorizedKey: user.public, certificate: await makeCertificate(), ports: {} };
}

/** ssh2 drops a zero at the start of a public key: one key in 256 is none. */
function makeKeyPair(): { readonly private: string; readonly public: string } {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519');
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair;
  }
}

async function fingerprint(privateKey: string): Promise<string> {
  const key = ssh2.utils.parseKey(privateKey);
  if (key instanceof Error) throw key;
  const digest = await crypto.subtle.digest('SHA-256', new Uint8Array(key.getPublicSSH()));
  return `SHA256:${Buffer.from(digest).toString('base64').replace(/=+$/, '')}`;
}
