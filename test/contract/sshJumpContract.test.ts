import { startOpenssh } from '../servers/openssh.ts';
import { describeRemoteContract } from './remoteContract.ts';

describeRemoteContract('OpenSSH, through a jump host', async () => {
  const [hop, server] = await Promise.all([
    startOpenssh({ authentication: 'password' }),
    startOpenssh({ name: 'through a jump host', authentication: 'password' }),
  ]);
  const jump = [`${hop.host.user ?? ''}@${hop.host.address}:${hop.host.port}`];
  return {
    ...server,
    host: { ...server.host, sftp: { ...server.host.sftp, jump } },
    // Of the one account that both of them have.
    secrets: { password: hop.secrets.password ?? '' },
    async stop() {
      await server.stop();
      await hop.stop();
    },
  };
});
