import type { ConfiguredHost, ConfiguredHosts } from '../../core/sshConfig/configuredHost.ts';
import { configNames } from '../../core/sshConfig/hostNames.ts';
import { type ParsedFiles, resolveSshConfig } from '../../core/sshConfig/resolution.ts';
import { settingsFrom } from '../../core/sshConfig/settings.ts';
import { sourcesOf, sshConfigWorld } from './world.ts';

/** The hosts that the person's ssh config names, for lists of them. Nothing of it is executed. `file`: as in `Reach.sshConfig`. */
export async function readConfiguredHosts(file: string | undefined, warn: (message: string) => void): Promise<ConfiguredHosts> {
  const world = sshConfigWorld({ sources: sourcesOf(file), executes: false, warn });
  const { names, files } = await configNames(world);
  const parsed: ParsedFiles = new Map();
  const hosts: ConfiguredHost[] = [];
  for (const name of names) {
    const { hostname, user, port } = settingsFrom(await resolveSshConfig({ host: name }, world, parsed), name, world);
    hosts.push({ name, address: hostname, user, port });
  }
  return { hosts, files };
}
