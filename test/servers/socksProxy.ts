import type { Host } from '../../src/core/host.ts';
import { startOnFreePort, startProcess, type Place, type ServerProcess } from './process.ts';
import { findProgram } from './program.ts';
import { unpackedMicrosocks } from './unpacked.ts';

export interface SocksProxy {
  readonly port: number;
  readonly process: ServerProcess;
  stop(): Promise<void>;
}

/** SOCKS 4, 4a and 5 as OpenSSH's `ssh -D` speaks them, over a login with a key. */
export function startSshSocks({ address, port: to, user = '', sftp: { privateKeys } }: Host): Promise<SocksProxy> {
  const ssh = findProgram('ssh', 'openssh-client');
  const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'BatchMode=yes', 'IdentitiesOnly=yes'];
  return started((port) => ({
    command: ssh,
    args: [
      ...['-F', 'none', '-N', '-D', `127.0.0.1:${port}`, '-p', String(to), '-l', user],
      ...options.flatMap((option) => ['-o', option]),
      ...(privateKeys ?? []).flatMap((key) => ['-i', key]),
      ...['--', address],
    ],
  }));
}

/** SOCKS 5 that wants a login, where one is named. */
export function startMicrosocks(login?: { readonly user: string; readonly password: string }, place?: Place): Promise<SocksProxy> {
  const command = unpackedMicrosocks();
  const address = place?.address ?? '127.0.0.1';
  const wanted = login === undefined ? [] : ['-u', login.user, '-P', login.password];
  return started((port) => ({ command, args: ['-i', address, '-p', String(port), ...wanted] }), place);
}

function started(
  program: (port: number) => { readonly command: string; readonly args: readonly string[] },
  place?: Place,
): Promise<SocksProxy> {
  return startOnFreePort(async (port) => {
    const process = await startProcess({ ...program(port), place, ready: { port, address: '127.0.0.1' } });
    return { port, process, stop: () => process.stop() };
  });
}
