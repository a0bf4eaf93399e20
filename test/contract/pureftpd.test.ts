import { startPureFtpd, type PureFtpdOptions } from '../servers/pureftpd.ts';
import { describeRemoteContract } from './remoteContract.ts';

const modes: readonly (PureFtpdOptions & { readonly name: string })[] = [
  { name: 'plain' },
  { name: 'explicit TLS', tls: 'explicit' },
  { name: 'explicit TLS, active', tls: 'explicit', ftp: { mode: 'active' } },
  { name: 'IPv6', address: '::1' },
];

for (const mode of modes) describeRemoteContract(`Pure-FTPd, ${mode.name}`, async () => startPureFtpd(mode));
