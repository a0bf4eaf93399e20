import { startDemoServer } from '../demo/testServer.ts';
import { describeRemoteContract } from './remoteContract.ts';

describeRemoteContract('demo SFTP', async () => startDemoServer('demo-sftp'));
describeRemoteContract('demo SFTP, key', async () => startDemoServer('demo-sftp', 'key'));
describeRemoteContract('demo FTP', async () => startDemoServer('demo-ftp'));
describeRemoteContract('demo FTPS explicit', async () => startDemoServer('demo-ftps'));
describeRemoteContract('demo FTPS implicit', async () => startDemoServer('demo-ftps-implicit'));
