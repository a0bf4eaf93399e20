import type { FileChangeEvent, Memento, Uri } from 'vscode';
import type { Disposable, Event } from '../../core/events.ts';
import type { Host } from '../../core/host.ts';
import type { Pool } from '../../core/pool.ts';
import type { Transfers } from '../../core/transfers.ts';
import type { RegisterCommand } from '../command.ts';
import type { ShowFailure } from '../failures.ts';
import type { RemoteFileSystem } from '../fileSystem.ts';
import type { SavedHosts } from '../hosts.ts';
import type { KeptFolders } from '../keptFolders.ts';
import type { Looks } from '../looks.ts';
import type { SshConfigHosts } from '../sshConfigHosts.ts';
import type { Location } from '../uri.ts';
import type { Watch } from '../watch.ts';
import { folderUri, registerFileCommands } from './fileCommands.ts';
import { createFileDrop } from './fileDrop.ts';
import { createFileRows } from './fileRows.ts';
import { createHostDrop } from './hostDrop.ts';
import { createHostTree, type HostTree } from './hostTree.ts';
import type { Transfer } from '../transfers/transferCommands.ts';

export interface HostViewParts {
  readonly transfer: Transfer;
  readonly register: RegisterCommand;
  readonly hosts: SavedHosts;
  readonly configured: SshConfigHosts;
  readonly pool: Pool;
  readonly transfers: Transfers;
  readonly fileSystem: RemoteFileSystem;
  readonly looks: Looks;
  readonly watch: Watch;
  readonly failed: ShowFailure;
  readonly bookmarks: KeptFolders;
  /** Remembers which groups are closed. */
  readonly state: Memento;
  readonly locate: (uri: Uri) => Location;
  /** Of files on hosts, by whomever. */
  readonly onDidChangeFile: Event<readonly FileChangeEvent[]>;
}

export interface HostView extends Disposable, Pick<HostTree, 'reveal'> {}

/** The view of hosts and their files, with what can be done with files there. */
export function createHostView(parts: HostViewParts): HostView {
  const { hosts, configured, fileSystem, locate, failed } = parts;
  const findHost = (name: string): Host | undefined => hosts.find(name) ?? configured.find(name);
  const files = createFileRows({ ...parts, findHost });
  const bringing = { fileSystem, transfer: parts.transfer, locate };
  const drop = createFileDrop({ ...bringing, failed, folderUri: (row) => folderUri(files, row) }, createHostDrop(hosts, parts.bookmarks));
  const tree = createHostTree({ ...parts, files, drop });
  const commands = registerFileCommands({ ...parts, ...bringing, files, tree });
  return { reveal: (location) => tree.reveal(location), dispose: () => [commands, tree, files].forEach((each) => each.dispose()) };
}
