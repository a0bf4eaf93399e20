import type { Connect } from '../core/connect.ts';

/** The only switch over protocols. A protocol's library is loaded when the first host of that protocol connects. */
export const connect: Connect = async (host, context) => {
  switch (host.protocol) {
    case 'sftp': {
      if (host.sftp.client === 'openssh') {
        const { connectOpenssh } = await import('./openssh/opensshConnect.ts');
        return connectOpenssh(host, context);
      }
      const { connectSftp } = await import('./sftp/sftpConnect.ts');
      return connectSftp(host, context);
    }
    case 'ftp':
    case 'ftps': {
      const { connectFtp } = await import('./ftp/ftpConnect.ts');
      return connectFtp(host, context);
    }
  }
};
