import { startProftpd, type ProftpdOptions } from '../servers/proftpd.ts';
import { describeRemoteContract } from './remoteContract.ts';

const modes: readonly (ProftpdOptions & { readonly name: string })[] = [
  { name: 'plain' },
  { name: 'explicit TLS', tls: 'explicit' },
  { name: 'explicit TLS 1.2', tls: 'explicit', tlsVersion: 'TLSv1.2' },
  { name: 'implicit TLS', tls: 'implicit' },
  { name: 'explicit TLS, active', tls: 'explicit', ftp: { mode: 'active' } },
  { name: 'IPv6', address: '::1', tls: 'explicit' },
];

for (const mode of modes) describeRemoteContract(`ProFTPD, ${mode.name}`, async () => startProftpd(mode));
