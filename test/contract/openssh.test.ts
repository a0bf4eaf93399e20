import { startOpenssh } from '../servers/openssh.ts';
import { describeRemoteContract } from './remoteContract.ts';

describeRemoteContract('OpenSSH', async () => startOpenssh());
describeRemoteContract('OpenSSH, password', async () => startOpenssh({ name: 'password', authentication: 'password' }));
describeRemoteContract('OpenSSH, without extensions', async () => startOpenssh({ name: 'without extensions', sftp: 'noExtensions' }));
describeRemoteContract('OpenSSH, bare', async () => startOpenssh({ name: 'no extensions, setstat or links', sftp: 'bare' }));
describeRemoteContract('OpenSSH, read-only', async () => startOpenssh({ name: 'read-only', sftp: 'readOnly' }));
describeRemoteContract('OpenSSH, chroot', async () => startOpenssh({ name: 'chroot', chroot: true }));
describeRemoteContract('OpenSSH, IPv6', async () => startOpenssh({ name: 'IPv6', address: '::1' }));
describeRemoteContract('OpenSSH, names in Latin-1', async () => startOpenssh({ name: 'names in Latin-1', charset: 'iso-8859-1' }));
describeRemoteContract('OpenSSH, keyboard-interactive', async () =>
  startOpenssh({ name: 'keyboard-interactive', authentication: 'keyboard-interactive' }),
);
describeRemoteContract('OpenSSH, key and password', async () =>
  startOpenssh({ name: 'key and password', authentication: 'publickey,password' }),
);
