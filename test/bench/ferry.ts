import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Connect } from '../../src/core/connect.ts';
import type { Host, HostProfile } from '../../src/core/host.ts';
import { toRemoteError } from '../../src/core/errors.ts';
import { createPipe } from '../../src/core/operations/pipe.ts';
import { copyThroughPool } from '../../src/core/operations/moveThroughPool.ts';
import { readFile } from '../../src/core/operations/readFile.ts';
import { furtherConnections } from '../../src/core/operations/secondConnection.ts';
import { saveThroughPool } from '../../src/core/operations/saveThroughPool.ts';
import { removeAny } from '../../src/core/operations/tree.ts';
import { runChange } from '../../src/core/operations/unsettled.ts';
import type { Version } from '../../src/core/operations/version.ts';
import type { Pool, PoolContext } from '../../src/core/pool.ts';
import { connect } from '../../src/transport/index.ts';
import { createLocalRemote } from '../../src/transport/local/localRemote.ts';
import manifest from '../../package.json' with { type: 'json' };
import { memoryJournal } from '../support/memoryJournal.ts';
import { MemoryRemote, MemoryServer } from '../support/memoryRemote.ts';
import { poolOf, testHost } from '../support/poolOf.ts';
import { memoryTrust, scriptedPrompts } from '../support/prompts.ts';
import type { Client, Driver } from './driver.ts';
import type { Target } from './target.ts';

/** Ferry below the editor: its transports, its pool and its operations, as the editor calls them. */
export const ferry: Client = { name: 'Ferry', isLibrary: true, speaks: () => true, missing: () => undefined, start: startFerry };

/** The other side of an upload or a download: VS Code hands Ferry contents, not files. */
const local = testHost({ name: 'local' });

interface Parts {
  readonly target: Target;
  readonly host: Host;
  readonly pool: Pool;
  readonly disk: MemoryServer;
}

async function startFerry(target: Target): Promise<Driver> {
  const disk = new MemoryServer();
  const profiles = memoryProfiles();
  const parts: Parts = { target, host: target.host, pool: makePool(target, disk, profiles), disk };
  const { pool, host } = parts;
  await pool.connect(host);
  return {
    client: `Ferry ${manifest.version}`,
    how: `its transports and operations without the editor, at most ${host.connections} connections; trees go from and to memory; "cold" is to a host that it was connected to before`,
    stat: (path) => pool.run(host, (remote, signal) => remote.stat(path, { signal }), { repeatable: true }),
    list: async (path) => (await pool.run(host, (remote, signal) => remote.list(path, { signal }), { repeatable: true })).length,
    read: (path) => read(parts, path),
    readMany: async (paths) => {
      const sizes = await Promise.all(paths.map((path) => read(parts, path)));
      return sizes.reduce((sum, size) => sum + size, 0);
    },
    ...documents(parts),
    ...trees(parts),
    rename: (from, to) => pool.run(host, (remote) => remote.rename(from, to, { replace: false })),
    async connectAndList(path) {
      const other = makePool(target, disk, profiles);
      await other.run(host, (remote, signal) => remote.list(path, { signal }));
      return () => other.dispose();
    },
    // To where a download writes it and from where an upload reads it, at the price that these have.
    readLarge: (path) =>
      pool.run(host, (remote, signal) => remote.read(path, () => {}, { signal, lent: true }), { lane: 'bulk', repeatable: true }),
    writeLarge: (from, path) =>
      pool.run(host, (remote) => remote.write(path, contentOf(from), { disposition: 'create', size: statSync(from).size }), {
        lane: 'bulk',
      }),
    close: () => pool.dispose(),
  };
}

/** What it learned of a host it knows when it connects again. */
function memoryProfiles(): PoolContext['profiles'] {
  let profile: HostProfile = {};
  return { get: () => profile, learn: (_, facts) => void (profile = { ...profile, ...facts }) };
}

function makePool({ password }: Target, disk: MemoryServer, profiles: PoolContext['profiles']): Pool {
  const reach: Connect = async (host, context) =>
    host.name === local.name ? new MemoryRemote(disk, { facts: { parallel: 256 } }) : connect(host, context);
  return poolOf(reach, { prompts: scriptedPrompts({ password, admit: true }), trust: memoryTrust(), profiles });
}

function read({ pool, host }: Parts, path: string): Promise<number> {
  return pool.run(host, (remote, signal) => remote.read(path, () => {}, { signal }), { repeatable: true });
}

/** Opening and saving, each save based on the version before, as in an editor. */
function documents({ pool, host }: Parts): Pick<Driver, 'open' | 'replace'> {
  const versions = new Map<string, Version>();
  const open = async (path: string): Promise<number> => {
    const file = await pool.run(host, (remote, signal) => readFile(remote, path, { signal }), { repeatable: true });
    versions.set(path, file.version);
    return file.bytes.length;
  };
  return {
    open,
    async replace(path, content) {
      const base = versions.get(path);
      const known = { create: true, overwrite: true, journal: memoryJournal(), saveMode: host.saveMode, profile: {}, learn() {} };
      versions.set(path, await saveThroughPool(pool, host, path, content, { ...known, base }));
    },
  };
}

function trees({ pool, host, disk }: Parts): Pick<Driver, 'upload' | 'download' | 'remove'> {
  const loaded = new Set<string>();
  const options = { overwrite: false, journal: memoryJournal(), profile: {}, learn() {} };
  return {
    async upload(from, to) {
      if (!loaded.has(from)) load(disk, from, from);
      loaded.add(from);
      await copyThroughPool(pool, { host: local, path: from }, { host, path: to }, options);
    },
    async download(from, to) {
      disk.folder(join(to, '..'));
      await copyThroughPool(pool, { host, path: from }, { host: local, path: to }, options);
      count(disk, to);
    },
    remove: (path) =>
      runChange(
        pool,
        host,
        (remote, signal) => removeAny(remote, path, { recursive: true, signal, further: furtherConnections(pool, host, remote) }),
        { lane: 'bulk', repeatable: true },
      ),
  };
}

function load(disk: MemoryServer, from: string, to: string): void {
  disk.folder(to);
  for (const name of readdirSync(from)) {
    const path = join(from, name);
    if (statSync(path).isDirectory()) load(disk, path, join(to, name));
    else disk.file(join(to, basename(name)), readFileSync(path));
  }
}

/** What was copied is let go of, so that runs don't fill the memory. */
function count(disk: MemoryServer, path: string): void {
  if ((disk.find(path, false)?.children.size ?? 0) === 0) throw new Error('Nothing was downloaded.');
  disk.folderOf(path).children.delete(basename(path));
}

/** A local file as a copy hands it on. */
function contentOf(file: string): AsyncIterable<Uint8Array> {
  const pipe = createPipe();
  void createLocalRemote()
    .read(file, (chunk) => pipe.push(chunk), { lent: true })
    .then(() => pipe.end())
    .catch((error: unknown) => pipe.end(toRemoteError(error)));
  return pipe.source;
}
