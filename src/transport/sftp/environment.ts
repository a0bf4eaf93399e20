import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where the person's SSH things are on this computer. Read anew for each connection. */
export interface SshEnvironment {
  readonly home: string;
  /** `known_hosts` files, the person's before the system's. */
  readonly knownHosts: readonly string[];
  /** The same, by whose they are. */
  readonly knownHostsBy: { readonly user: readonly string[]; readonly system: readonly string[] };
  /** Private keys that are tried where a host names none. */
  readonly defaultKeys: readonly string[];
}

export function sshEnvironment(): SshEnvironment {
  const home = homedir();
  const own = join(home, '.ssh');
  const system = process.platform === 'win32' ? join(process.env['ProgramData'] ?? 'C:\\ProgramData', 'ssh') : '/etc/ssh';
  const knownHostsBy = {
    user: ['known_hosts', 'known_hosts2'].map((name) => join(own, name)),
    system: ['ssh_known_hosts', 'ssh_known_hosts2'].map((name) => join(system, name)),
  };
  return {
    home,
    knownHosts: [...knownHostsBy.user, ...knownHostsBy.system],
    knownHostsBy,
    defaultKeys: ['id_ed25519', 'id_ecdsa', 'id_rsa', 'id_ed25519_sk', 'id_ecdsa_sk'].map((name) => join(own, name)),
  };
}

/** The absolute form of a path as a person writes it: `~/…` is their home. */
export function expandHome(path: string, home: string): string {
  return path === '~' || /^~[/\\]/.test(path) ? join(home, path.slice(1)) : path;
}

/** A path as it is shown to the person: short, with `~` where it lies in their home. */
export function contractHome(path: string, home: string): string {
  return path.startsWith(home) && /^[/\\]/.test(path.slice(home.length)) ? `~${path.slice(home.length)}` : path;
}
