import type { Uri } from 'vscode';
import type { Host } from '../core/host.ts';
import type { SavedHosts } from './hosts.ts';
import { type Location, locate } from './uri.ts';

/** Where URIs lead in this window, also to hosts that are open without being saved. */
export interface Locator {
  /** Throws as `locate` of `uri.ts`. */
  readonly locate: (uri: Uri) => Location;
  /** A saved host, or an address that was located before. */
  readonly findHost: (name: string) => Host | undefined;
}

export function createLocator(hosts: SavedHosts): Locator {
  const unsaved = new Map<string, Host>();
  return {
    locate(uri) {
      const location = locate(uri, () => hosts.all);
      if (!hosts.find(location.host.name)) unsaved.set(location.host.name, location.host);
      return location;
    },
    findHost: (name) => hosts.find(name) ?? unsaved.get(name),
  };
}
