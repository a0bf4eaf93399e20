import { startProftpdSftp } from '../servers/proftpdSftp.ts';
import { describeRemoteContract } from './remoteContract.ts';

describeRemoteContract('ProFTPD mod_sftp', async () => startProftpdSftp());
describeRemoteContract('ProFTPD mod_sftp, key', async () => startProftpdSftp({ authentication: 'publickey' }));
