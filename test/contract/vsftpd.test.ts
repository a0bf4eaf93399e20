import { startVsftpd, type VsftpdOptions } from '../servers/vsftpd.ts';
import { describeRemoteContract } from './remoteContract.ts';

const modes: readonly (VsftpdOptions & { readonly name: string })[] = [
  { name: 'plain' },
  { name: 'explicit TLS, session reuse required', tls: 'explicit', sessionReuse: true },
  { name: 'explicit TLS 1.2, session reuse required', tls: 'explicit', sessionReuse: true, ftp: { maxTlsVersion: 'TLSv1.2' } },
  { name: 'explicit TLS without session reuse', tls: 'explicit', sessionReuse: false },
  { name: 'implicit TLS', tls: 'implicit', sessionReuse: true },
  { name: 'explicit TLS, active', tls: 'explicit', sessionReuse: true, ftp: { mode: 'active' } },
  { name: 'active', ftp: { mode: 'active' } },
  { name: 'IPv6', address: '::1', tls: 'explicit' },
  { name: 'IPv6, active', address: '::1', ftp: { mode: 'active' } },
  { name: 'Latin-1 names', charset: 'iso-8859-1' },
  { name: 'read-only', readOnly: true },
];

for (const mode of modes) describeRemoteContract(`vsftpd, ${mode.name}`, async () => startVsftpd(mode));
