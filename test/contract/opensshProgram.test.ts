import { startOpensshByProgram } from '../servers/opensshClient.ts';
import { describeRemoteContract } from './remoteContract.ts';

describeRemoteContract('OpenSSH, through ssh', async () => startOpensshByProgram());
