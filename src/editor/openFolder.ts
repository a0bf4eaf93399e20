import type { Uri } from 'vscode';
import type { Host } from '../core/host.ts';
import type { Pool } from '../core/pool.ts';
import type { RememberedFolders } from './bookmarks.ts';
import type { SavedHosts } from './hosts.ts';
import type { SshConfigHosts } from './sshConfigHosts.ts';
import type { TypedSecrets } from './typedSecrets.ts';
import type { Location } from './uri.ts';
import type { HostWizard } from './wizard.ts';

/** Where a folder opens. */
export type Destination = 'thisWindow' | 'newWindow' | 'workspace';

export interface FolderOpener {
  /** Opens the host's folder: `root`, or where its login starts. */
  open(host: Host, destination: Destination): Promise<void>;
  /** Opens this folder of a host. */
  openAt(uri: Uri, destination: Destination): Promise<void>;
  /** Lets the person choose a host, or type an address, and then a folder on the server. */
  choose(): Promise<void>;
}

export interface FolderOpenerContext {
  readonly hosts: SavedHosts;
  readonly configured: SshConfigHosts;
  readonly pool: Pool;
  readonly typed: TypedSecrets;
  readonly wizard: HostWizard;
  readonly remembered: RememberedFolders;
  readonly locate: (uri: Uri) => Location;
}

/** What asks and opens is loaded when it is used first. */
export function createFolderOpener(context: FolderOpenerContext): FolderOpener {
  const load = () => import('./folderOpening.ts');
  return {
    open: async (host, destination) => (await load()).openHost(context.pool, host, destination),
    openAt: async (uri, destination) => (await load()).openUri(uri, destination),
    choose: async () => (await load()).chooseAndOpen(context),
  };
}
