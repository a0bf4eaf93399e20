import type { TreeItem } from 'vscode';
import type { Host } from '../../core/host.ts';
import type { HostState, Pool } from '../../core/pool.ts';
import type { SavedHosts } from '../hosts.ts';
import type { SshConfigHosts } from '../sshConfigHosts.ts';
import { asRow, configuredItem, hostItem } from './hostItem.ts';
import { type HostRow, ownRow } from './rows.ts';

export interface HostRows {
  readonly of: (host: Host) => HostRow;
  /** The host that the row is of; undefined: there is none any more. */
  hostOf(row: HostRow): Host | undefined;
  itemOf(row: HostRow): TreeItem | undefined;
  /** The pool also tells each task and each further connection that begins or ends; a row shows less than that. */
  looksDifferent(host: Host): boolean;
}

export function createHostRows(hosts: SavedHosts, configured: SshConfigHosts, pool: Pool): HostRows {
  const rows = new Map<string, HostRow>();
  const shown = new Map<string, string>();
  return {
    of({ name }) {
      const row = rows.get(name) ?? ownRow({ kind: 'host', name });
      rows.set(name, row);
      return row;
    },
    hostOf: ({ name }) => hosts.find(name) ?? configured.find(name),
    itemOf({ name }) {
      const host = hosts.find(name);
      if (host !== undefined) return hostItem(host, pool.state(host.name));
      const found = configured.find(name);
      return found && configuredItem(found, configured.placeOf(name), pool.state(found.name));
    },
    looksDifferent({ name }) {
      const look = lookOf(pool.state(name));
      const before = shown.get(name);
      shown.set(name, look);
      return look !== before;
    },
  };
}

function lookOf(state: HostState): string {
  const { error, ...rest } = asRow(state);
  return JSON.stringify([rest, error?.message]);
}
