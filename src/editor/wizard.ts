import type { Host } from '../core/host.ts';
import type { Pool } from '../core/pool.ts';
import type { SavedHosts } from './hosts.ts';
import type { Secrets } from './secrets.ts';
import type { SshConfigHosts } from './sshConfigHosts.ts';
import type { TypedSecrets } from './typedSecrets.ts';

export interface HostWizardContext {
  readonly hosts: SavedHosts;
  readonly configured: SshConfigHosts;
  readonly pool: Pool;
  /** Connections for trying a host that is not saved, under the name of one that may be in use. */
  readonly trials: Pool;
  readonly secrets: Secrets;
  readonly typed: TypedSecrets;
  /** package.json, with the descriptions of settings. */
  readonly manifest: unknown;
}

/** Adds and edits saved hosts by questions; a connection is tried before anything is saved. */
export interface HostWizard {
  /** Undefined when the person cancels. */
  add(): Promise<Host | undefined>;
  edit(host: Host): Promise<Host | undefined>;
  /** Asks for another name of a saved host. */
  rename(host: Host): Promise<void>;
  /** All settings of a saved host, each by itself; nothing is connected for it. */
  settings(host: Host): Promise<void>;
}

/** What asks is loaded when it is used first. */
export function createHostWizard(context: HostWizardContext): HostWizard {
  const load = () => import('./hostWizard.ts');
  return {
    add: async () => (await load()).addHost(context),
    edit: async (host) => (await load()).editHost(context, host),
    rename: async (host) => (await load()).renameHost(context, host),
    settings: async (host) => (await load()).editSettings(context, host),
  };
}
