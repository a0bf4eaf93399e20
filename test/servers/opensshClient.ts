import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Reach } from '../../src/core/connect.ts';
import type { Host } from '../../src/core/host.ts';
import { inRepository } from '../setup/commands.ts';
import { removeFolder, temporaryFolder } from './folder.ts';
import { type OpensshOptions, startOpenssh } from './openssh.ts';
import { findProgram, runProgram } from './program.ts';
import type { TestServer } from './server.ts';

/** The program that `ssh` asks with, from the sources. */
const askpassSource = inRepository('src', 'transport', 'openssh', 'askpassProgram.ts');

export interface OpensshHome {
  readonly folder: string;
  /** Where `ssh` keeps host keys. */
  readonly knownHosts: string;
  readonly reach: Reach;
}

/** A place for a person's `ssh` that knows no hosts yet. `lines`: more of its ssh config, before the usual ones. */
export function opensshHome(lines: readonly string[] = [], hosts: readonly Host[] = []): OpensshHome {
  const program = findProgram('ssh', 'openssh-client');
  const folder = temporaryFolder('ssh-home', { mode: 0o700 });
  const knownHosts = join(folder, 'known_hosts');
  const sshConfig = join(folder, 'config');
  writeFileSync(sshConfig, [...lines, 'Host *', `UserKnownHostsFile ${knownHosts}`, 'GlobalKnownHostsFile none', ''].join('\n'), {
    mode: 0o600,
  });
  const openssh = { program, askpass: askpassSource, storage: join(folder, 'storage') };
  const findHost = (name: string): Host | undefined => hosts.find((host) => host.name === name);
  return { folder, knownHosts, reach: { findHost, sshConfig, editorProxy: '', openssh } };
}

/** The lines for `known_hosts` that `ssh-keyscan` gives for a server. */
export function scannedKeys({ port, address }: Host): readonly string[] {
  const printed = runProgram(findProgram('ssh-keyscan', 'openssh-client'), ['-p', String(port), address]);
  return printed.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

/** An sshd that is reached through the `ssh` of this computer. */
export async function startOpensshByProgram(options: OpensshOptions = {}, lines: readonly string[] = []): Promise<TestServer> {
  const server = await startOpenssh(options);
  const { folder, reach } = opensshHome(lines);
  const host: Host = { ...server.host, sftp: { ...server.host.sftp, client: 'openssh' } };
  return {
    ...server,
    ...{ host, reach },
    name: `${server.name}, through ssh`,
    async stop() {
      await server.stop();
      removeFolder(folder);
    },
  };
}
