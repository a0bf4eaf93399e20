import { startDropbear } from '../servers/dropbear.ts';
import { describeRemoteContract } from './remoteContract.ts';

describeRemoteContract('dropbear', async () => startDropbear());
describeRemoteContract('dropbear, key', async () => startDropbear({ authentication: 'publickey' }));
