import { startOpenssh } from '../servers/openssh.ts';
import { freePorts } from '../servers/process.ts';
import { startProftpd } from '../servers/proftpd.ts';
import { startProftpdSftp } from '../servers/proftpdSftp.ts';
import { startPureFtpd } from '../servers/pureftpd.ts';
import type { TestServer } from '../servers/server.ts';
import { startVsftpd } from '../servers/vsftpd.ts';

/** A server whose data ports are known beforehand, so that a proxy can stand before them too. */
export interface FaultServer {
  readonly server: TestServer;
  /** Empty for SFTP. */
  readonly dataPorts: readonly number[];
}

/** Where proxies stand: data ports are the server's own numbers, at another address. */
export const proxyAddress = '127.0.0.2';

/** Each as its users run it: real software, its own ideas of what a broken link means. */
export const faultServers: readonly { readonly name: string; readonly start: () => Promise<FaultServer> }[] = [
  { name: 'OpenSSH', start: async () => ({ server: await startOpenssh({ shell: true }), dataPorts: [] }) },
  { name: 'OpenSSH without extensions', start: async () => ({ server: await startOpenssh({ sftp: 'noExtensions' }), dataPorts: [] }) },
  { name: 'ProFTPD mod_sftp', start: async () => ({ server: await startProftpdSftp(), dataPorts: [] }) },
  { name: 'vsftpd', start: async () => withDataPorts((first, last) => startVsftpd({ config: vsftpdPorts(first, last) })) },
  {
    name: 'vsftpd, TLS session reuse required',
    start: async () =>
      withDataPorts((first, last) => startVsftpd({ tls: 'explicit', sessionReuse: true, config: vsftpdPorts(first, last) })),
  },
  {
    name: 'ProFTPD, TLS',
    start: async () =>
      withDataPorts((first, last) => startProftpd({ tls: 'explicit', config: [`PassivePorts ${first} ${last}`, 'TimeoutLinger 1'] })),
  },
  { name: 'Pure-FTPd', start: async () => withDataPorts((first, last) => startPureFtpd({ args: ['-p', `${first}:${last}`] })) },
];

export function vsftpdPorts(first: number, last: number): string[] {
  return [`pasv_min_port=${first}`, `pasv_max_port=${last}`];
}

export async function withDataPorts(start: (first: number, last: number) => Promise<TestServer>, count = 40): Promise<FaultServer> {
  const first = await freePorts(count, ['127.0.0.1', proxyAddress]);
  const server = await start(first, first + count - 1);
  return { server, dataPorts: Array.from({ length: count }, (_, index) => first + index) };
}
