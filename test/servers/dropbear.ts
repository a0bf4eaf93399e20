import { appendFileSync, chmodSync, chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { passwordAccount, type Account } from './account.ts';
import { removeFolder, temporaryFolder } from './folder.ts';
import { fingerprintOf, makeKey } from './keys.ts';
import { startOnFreePort, startProcess } from './process.ts';
import { findProgram, isExecutable, printedBy, runProgram } from './program.ts';
import { makeHost, ServerUnavailable, type TestServer } from './server.ts';

export interface DropbearOptions {
  /** Default `password`. */
  readonly authentication?: 'password' | 'publickey';
}

const sftpServer = '/usr/lib/openssh/sftp-server';

/** dropbear with OpenSSH's sftp-server, as small devices run it; sessions start in the user's home. */
export async function startDropbear({ authentication = 'password' }: DropbearOptions = {}): Promise<TestServer> {
  const dropbear = findProgram('dropbear', 'dropbear-bin');
  if (!isExecutable(sftpServer)) throw new ServerUnavailable(`${sftpServer} is not installed (Debian package openssh-sftp-server).`);
  const account = await passwordAccount();
  const folder = temporaryFolder('dropbear');
  const root = temporaryFolder('files', { owner: account });
  const hostKey = join(folder, 'host-key');
  const printed = runProgram(findProgram('dropbearkey', 'dropbear-bin'), ['-t', 'ed25519', '-f', hostKey]);
  const key = authentication === 'publickey' ? makeKey(folder, 'ed25519') : undefined;
  if (key !== undefined) authorize(account, key.publicLine);
  const { port, process } = await startOnFreePort(async (port) => {
    const args = ['-F', '-E', '-w', '-r', hostKey, '-p', `127.0.0.1:${port}`, '-P', join(folder, 'pid')];
    return { port, process: await startProcess({ command: dropbear, args, ready: { port } }) };
  });
  return {
    name: authentication === 'password' ? 'dropbear' : 'dropbear, key',
    version: /v([\w.]+)/.exec(printedBy(dropbear, ['-V']))?.[1] ?? 'unknown',
    host: makeHost({
      ...{ name: 'dropbear', protocol: 'sftp', port, user: account.user },
      sftp: { privateKeys: key === undefined ? [] : [key.file] },
    }),
    secrets: {
      ...(key === undefined ? { password: account.password } : {}),
      fingerprint: fingerprintOf(/^ssh-ed25519 \S+/m.exec(printed)?.[0] ?? ''),
    },
    ...{ root, rootOnServer: root, owner: { uid: account.uid, gid: account.gid } },
    quirks: { atomicReplace: true, exclusiveCreate: true, optional: { copyOnServer: true, space: true } },
    output: () => process.output(),
    async stop() {
      await process.stop();
      [folder, root].forEach(removeFolder);
    },
  };
}

/** dropbear reads the keys of a home only. The line stays: its private key goes away with the server's folder. */
function authorize({ home, uid, gid }: Account, publicLine: string): void {
  const folder = join(home, '.ssh');
  const file = join(folder, 'authorized_keys');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  appendFileSync(file, `${publicLine}\n`);
  chmodSync(file, 0o600);
  for (const path of [folder, file]) chownSync(path, uid, gid);
}
