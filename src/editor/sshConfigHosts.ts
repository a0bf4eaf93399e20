import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';
import { createEmitter } from '../core/events.ts';
import type { Disposable, Event } from '../core/events.ts';
import type { Host } from '../core/host.ts';
import { hostFromAuthority } from '../core/hosts.ts';
import { RemoteError } from '../core/errors.ts';
import type { ConfiguredHost, ConfiguredHosts } from '../core/sshConfig/configuredHost.ts';
import type { SavedHosts } from './hosts.ts';
import type { SecretPlace } from './secrets.ts';
import type { Settings } from './settings.ts';

/** The hosts of the person's ssh config, as it is now; those that have a saved host of the same name are not among them. */
export interface SshConfigHosts extends Disposable {
  /** Reads the files anew where they were not read yet. */
  load(): Promise<readonly Host[]>;
  /** As of the last `load`. */
  readonly all: readonly Host[];
  find(name: string): Host | undefined;
  /** Where a host of them leads, as far as that is known without connecting. */
  placeOf(name: string): SecretPlace | undefined;
  readonly onDidChange: Event<undefined>;
}

export interface SshConfigHostsContext {
  readonly hosts: SavedHosts;
  readonly settings: Settings;
  /** Reads the configuration; nothing of it is executed. */
  readonly read: (file: string | undefined) => Promise<ConfiguredHosts>;
  readonly failed: (error: unknown) => void;
}

/** Files are often written in several steps. In ms. */
const settlingTime = 300;

export function createSshConfigHosts({ hosts: saved, settings, read, failed }: SshConfigHostsContext): SshConfigHosts {
  const changed = createEmitter<undefined>();
  let known: readonly ConfiguredHost[] = [];
  let loading: Promise<void> | undefined;
  const watchers = watchFolders(() => void reload());

  const load = async (): Promise<void> => {
    try {
      const { hosts, files } = await read(settings.sshConfig);
      watchers.set(files.map((file) => dirname(file)));
      const same = JSON.stringify(hosts) === JSON.stringify(known);
      known = hosts;
      if (!same) changed.fire(undefined);
    } catch (error) {
      failed(error);
    }
  };
  const reload = (): Promise<void> => (loading = load());
  const configured = (name: string) => known.find((host) => host.name.toLowerCase() === name.toLowerCase());
  const unsaved = () => known.filter(({ name }) => saved.find(name) === undefined);
  const subscriptions = [
    settings.onDidChangeSshConfig(() => {
      if (loading !== undefined) void reload();
    }),
    saved.onDidChange(() => changed.fire(undefined)),
  ];

  return {
    async load() {
      // Where nothing could be watched, nobody tells of a change.
      await (watchers.isEmpty ? reload() : (loading ?? reload()));
      return this.all;
    },
    get all() {
      return unsaved().flatMap(({ name }) => hostNamed(name) ?? []);
    },
    find: (name) =>
      saved.find(name) === undefined && configured(name) !== undefined ? hostNamed(configured(name)?.name ?? name) : undefined,
    placeOf(name) {
      const host = configured(name);
      return host && { protocol: 'sftp', user: host.user, address: host.address, port: host.port };
    },
    onDidChange: changed.event,
    dispose() {
      watchers.dispose();
      for (const subscription of subscriptions) subscription.dispose();
      changed.dispose();
    },
  };
}

/** The same host as that of the address `sftp://NAME/`. */
function hostNamed(name: string): Host | undefined {
  const host = hostFromAuthority('sftp', name);
  return host instanceof RemoteError ? undefined : host;
}

/** Calls `changed` after something in one of the folders changed. Folders that are not there are not watched. */
function watchFolders(changed: () => void) {
  const open = new Map<string, FSWatcher>();
  let timer: NodeJS.Timeout | undefined;
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(changed, settlingTime);
  };
  const close = (folder: string) => {
    open.get(folder)?.close();
    open.delete(folder);
  };
  return {
    get isEmpty() {
      return open.size === 0;
    },
    set(folders: readonly string[]) {
      for (const folder of open.keys()) if (!folders.includes(folder)) close(folder);
      for (const folder of new Set(folders)) {
        if (open.has(folder)) continue;
        try {
          const watcher = watch(folder, { persistent: false }, soon);
          watcher.on('error', () => close(folder));
          open.set(folder, watcher);
        } catch {
          // It is not there.
        }
      }
    },
    dispose() {
      clearTimeout(timer);
      for (const folder of [...open.keys()]) close(folder);
    },
  };
}
