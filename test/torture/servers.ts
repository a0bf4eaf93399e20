import { faultServers, type FaultServer } from '../contract/faultServers.ts';

/** The server that stands for each protocol. */
const servers = { SFTP: 'OpenSSH', FTP: 'vsftpd', FTPS: 'vsftpd, TLS session reuse required' } as const;

export type Protocol = keyof typeof servers;

export const protocols = Object.keys(servers) as Protocol[];

export function startServerOf(protocol: Protocol): Promise<FaultServer> {
  const found = faultServers.find(({ name }) => name === servers[protocol]);
  if (found === undefined) throw new Error(`There is no server ${servers[protocol]}.`);
  return found.start();
}
