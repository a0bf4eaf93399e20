import { chownSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { startFaultyProxy, type FaultyProxy } from '../servers/faultyProxy.ts';
import type { RealServer, RealServers } from '../setup/realServers.ts';

/** The real servers that this run was started with: as many as the machine has. */
export const { servers: realServers, coarse: coarseServers } = JSON.parse(
  readFileSync(process.env['FERRY_TEST_REAL_SERVERS'] ?? '', 'utf8'),
) as Omit<RealServers, 'stop'>;

/** A folder on a real server, behind a line that can be bad. */
export interface FarFolder {
  readonly server: RealServer;
  readonly proxy: FaultyProxy;
  /** On this computer's disk. */
  readonly disk: string;
  /** For `saveHosts`. */
  readonly setting: { readonly name: string };
  uri(name: string): vscode.Uri;
  /** Past the server, with its own user as owner. */
  write(name: string, text: string): void;
  read(name: string): string;
  temporaries(): string[];
  end(): Promise<void>;
}

/** `more`: further keys of the host. */
export async function farFolder(server: RealServer, folder: string, more: object = {}): Promise<FarFolder> {
  const proxy = await startFaultyProxy({
    port: server.setting.port,
    // Data ports are the server's own numbers.
    listenAddress: server.dataPorts.length > 0 ? '127.0.0.2' : '127.0.0.1',
    dataPorts: server.dataPorts,
  });
  const disk = join(server.root, folder);
  const give = (path: string): void => {
    if (server.owner !== undefined) chownSync(path, server.owner.uid, server.owner.gid);
  };
  mkdirSync(disk, { recursive: true });
  give(disk);
  const name = `far-${server.setting.protocol}-${folder.replaceAll(/\W+/g, '-')}`;
  const path = (file: string): string => `${server.rootOnServer === '/' ? '' : server.rootOnServer}/${folder}/${file}`;
  return {
    ...{ server, proxy, disk },
    setting: { ...server.setting, ...more, name, address: proxy.address, port: proxy.port } as { readonly name: string },
    uri: (file) => vscode.Uri.from({ scheme: server.setting.protocol, authority: name, path: path(file) }),
    write(file, text) {
      writeFileSync(join(disk, file), text);
      give(join(disk, file));
    },
    read: (file) => readFileSync(join(disk, file), 'utf8'),
    temporaries: () => readdirSync(disk).filter((entry) => entry.startsWith('.ferry-')),
    async end() {
      await proxy.close();
      rmSync(disk, { recursive: true });
    },
  };
}
