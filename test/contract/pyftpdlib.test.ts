import { startPyftpdlib, type PyftpdlibOptions } from '../servers/pyftpdlib.ts';
import { describeRemoteContract } from './remoteContract.ts';

const modes: readonly (PyftpdlibOptions & { readonly name: string })[] = [
  { name: 'plain' },
  { name: 'explicit TLS', tls: 'explicit' },
  { name: 'implicit TLS', tls: 'implicit' },
  { name: 'without EPSV and MLSD', quirks: ['noEpsv', 'noMlsd', 'listOptionsEmpty', 'rawNames'] },
  { name: 'without MLSD, MDTM and SIZE', quirks: ['noMlsd', 'noMdtm', 'noMfmt', 'noSize', 'noFeat'] },
  { name: 'names in Latin-1', quirks: ['rawNames'], charset: 'iso-8859-1' },
  { name: 'rename never replaces', quirks: ['renameRefusesExisting'] },
  { name: 'no passive mode', quirks: ['activeOnly'] },
  { name: 'read-only', quirks: ['readOnly'] },
];

for (const mode of modes) describeRemoteContract(`pyftpdlib, ${mode.name}`, async () => startPyftpdlib(mode));
