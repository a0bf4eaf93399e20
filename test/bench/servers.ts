import { vsftpdPorts, withDataPorts, type FaultServer } from '../contract/faultServers.ts';
import { startOpenssh } from '../servers/openssh.ts';
import { startProftpd } from '../servers/proftpd.ts';
import type { TestServer } from '../servers/server.ts';
import { startVsftpd } from '../servers/vsftpd.ts';
import { serverAddress } from './line.ts';

/** Trees take a data connection a file. */
const dataPorts = 200;

const withPorts = (start: (first: number, last: number) => Promise<TestServer>): Promise<FaultServer> => withDataPorts(start, dataPorts);
const vsftpd = (first: number, last: number, open: boolean): { readonly config: readonly string[] } => ({
  config: [...vsftpdPorts(first, last), ...(open ? ['listen_address=0.0.0.0'] : [])],
});

/** What the bench can run. `open`: also at other addresses than loopback, for a namespace of its own. */
export const servers = {
  OpenSSH: async (open) => ({ server: await startOpenssh({ config: open ? [`ListenAddress ${serverAddress}`] : [] }), dataPorts: [] }),
  vsftpd: (open) => withPorts((first, last) => startVsftpd(vsftpd(first, last, open))),
  'vsftpd TLS': (open) => withPorts((first, last) => startVsftpd({ tls: 'explicit', sessionReuse: true, ...vsftpd(first, last, open) })),
  'ProFTPD TLS': (open) =>
    withPorts((first, last) => {
      const config = [`PassivePorts ${first} ${last}`, ...(open ? ['SocketBindTight off', 'DefaultServer on'] : [])];
      return startProftpd({ tls: 'explicit', config });
    }),
} satisfies Record<string, (open: boolean) => Promise<FaultServer>>;

export type ServerName = keyof typeof servers;
export const serverNames = Object.keys(servers) as ServerName[];
