import { startOpensshByProgram } from '../servers/opensshClient.ts';
import { describeRemoteContract } from './remoteContract.ts';

describeRemoteContract('OpenSSH, through ssh', async () => startOpensshByProgram());
describeRemoteContract('OpenSSH, password, through ssh', async () =>
  startOpensshByProgram({ name: 'password', authentication: 'password' }),
);
