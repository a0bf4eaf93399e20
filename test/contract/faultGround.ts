import assert from 'node:assert/strict';
import { isRemoteError, toRemoteError, type RemoteError } from '../../src/core/errors.ts';
import type { Clock } from '../../src/core/clock.ts';
import type { Host, HostProfile } from '../../src/core/host.ts';
import { aboutFile } from '../../src/core/operations/aboutFile.ts';
import { readFile } from '../../src/core/operations/readFile.ts';
import type { SaveOptions } from '../../src/core/operations/save.ts';
import { saveThroughPool } from '../../src/core/operations/saveThroughPool.ts';
import { isTemporaryName, removeTemporary } from '../../src/core/operations/temporary.ts';
import type { Version } from '../../src/core/operations/version.ts';
import { child } from '../../src/core/path.ts';
import type { Pool, RunOptions } from '../../src/core/pool.ts';
import type { Remote } from '../../src/core/remote.ts';
import { settleUnlessStalled } from '../../src/core/stall.ts';
import { connect } from '../../src/transport/index.ts';
import { startFaultyProxy, type FaultyProxy } from '../servers/faultyProxy.ts';
import type { TestServer } from '../servers/server.ts';
import { memoryJournal, type MemoryJournal } from '../support/memoryJournal.ts';
import { poolOf } from '../support/poolOf.ts';
import { answeringPrompts, memoryTrust } from '../support/prompts.ts';
import { proxyAddress, type FaultServer } from './faultServers.ts';
import { inTime, makeDisk, type Disk } from './ground.ts';

/** As the editor has it: a save without progress for so long is given up. */
const stallLimit = 20_000;
/** Every operation has settled after so many seconds, whatever happens to the link. */
const longest = 45;

/** Ferry below the editor — pool, transport, operations — and a real server behind a bad link; the server's disk is looked at past it. */
export interface FaultGround {
  readonly server: TestServer;
  readonly proxy: FaultyProxy;
  readonly host: Host;
  readonly pool: Pool;
  readonly journal: MemoryJournal;
  readonly disk: Disk;
  /** On the server. */
  readonly path: (name: string) => string;
  readonly run: <T>(task: (remote: Remote, signal: AbortSignal) => Promise<T>, options?: RunOptions) => Promise<T>;
  readonly read: (name: string) => Promise<{ readonly bytes: Uint8Array; readonly version: Version }>;
  readonly save: (name: string, content: Uint8Array, more?: Partial<SaveOptions>) => Promise<Version>;
  /** What the person and the secret store know; may be wrong. */
  readonly person: { password: string | undefined };
  /** What `path` takes for a name in its place. */
  readonly names: Map<string, string>;
  /** Waits until the pool knows that all its connections are gone. */
  loseConnections(): Promise<void>;
  /** What the editor does with the journal at a later connection; then nothing of Ferry's own is left on the disk. */
  assertClean(folder?: string): Promise<void>;
  /** Without the server, which others may use. */
  end(): Promise<void>;
}

export interface GroundOptions {
  /** Where the proxy listens; default: where the server's data ports are free, else where data connections pass it by. */
  readonly address?: string;
  readonly host?: Partial<Host>;
  readonly folder?: string;
  /** Of the pool. */
  readonly clock?: Clock;
  /** As if the window had something of the host open; default false. */
  readonly isInUse?: boolean;
  /** Whether data connections pass the proxy as well, where the server has any; default true. */
  readonly proxiesData?: boolean;
}

export async function makeFaultGround(behind: FaultServer, options: GroundOptions = {}): Promise<FaultGround> {
  const { server } = behind;
  const dataPorts = options.proxiesData === false ? [] : behind.dataPorts;
  const proxy = await startFaultyProxy({
    port: server.host.port,
    listenAddress: options.address ?? (dataPorts.length > 0 ? proxyAddress : '127.0.0.1'),
    dataPorts,
  });
  let profile: HostProfile = {};
  const profiles = { get: () => profile, learn: (_: string, facts: HostProfile) => void (profile = { ...profile, ...facts }) };
  const person = { password: server.secrets.password };
  const names = new Map<string, string>();
  const prompts = answeringPrompts({ ...server.secrets, password: () => person.password, admit: true });
  const pool = poolOf(connect, {
    prompts,
    trust: memoryTrust(),
    profiles,
    ...(options.clock && { clock: options.clock }),
    isInUse: () => options.isInUse === true,
  });
  const host: Host = { ...server.host, address: proxy.address, port: proxy.port, ...options.host };
  const journal = memoryJournal();
  const top = options.folder === undefined ? server.root : `${server.root}/${options.folder}`;
  const disk = makeDisk(server, top);
  const rootOnServer = options.folder === undefined ? server.rootOnServer : child(server.rootOnServer, options.folder);
  const path = (name: string): string => (names.get(name) ?? name).split('/').reduce(child, rootOnServer);
  const run: FaultGround['run'] = (task, more) => pool.run(host, task, more);
  const saveOptions = {
    create: true,
    overwrite: true,
    journal,
    saveMode: host.saveMode,
    learn: (facts: HostProfile) => profiles.learn('', facts),
  };
  return {
    ...{ server, proxy, host, pool, journal, disk, path, run, person, names },
    read: (name) => run((remote, signal) => readFile(remote, path(name), { signal }), { repeatable: true }),
    save: (name, content, more) =>
      settleUnlessStalled(
        stallLimit,
        () => false,
        undefined,
        (signal, alive) =>
          saveThroughPool(pool, host, path(name), content, { ...saveOptions, profile, signal, onProgress: alive, ...more }),
      ).catch((error: unknown) => {
        throw aboutFile(toRemoteError(error).with({ path: path(name), host: host.name }), path(name));
      }),
    loseConnections: () => loseConnections(proxy, pool, host.name),
    async assertClean(folder = '.') {
      await run(
        async (remote) => {
          for (const left of journal.temporaries) await removeTemporary(remote, left, journal);
        },
        { repeatable: true },
      );
      assert.deepEqual(disk.names(folder).filter(isTemporaryName), [], 'temporaries are left on the server');
      assert.deepEqual([...journal.temporaries], [], 'temporaries are left in the journal');
    },
    async end() {
      await pool.dispose();
      await proxy.close();
    },
  };
}

async function loseConnections(proxy: FaultyProxy, pool: Pool, name: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const look = (): void => {
    if (pool.state(name).connections === 0) resolve(undefined);
  };
  const listening = pool.onDidChangeState(look);
  proxy.strike('reset');
  look();
  await promise;
  listening.dispose();
}

export type Outcome<T> = { readonly value: T } | { readonly error: RemoteError };

/** Settles in bounded time, with a value or with an error that a person can do something with. */
export async function outcomeOf<T>(ground: FaultGround, work: Promise<T>, seconds = longest): Promise<Outcome<T>> {
  try {
    return { value: await inTime(work, seconds) };
  } catch (error) {
    if (!isRemoteError(error)) throw error;
    assert.equal(error.host, ground.host.name, `the host is named: ${error.message}`);
    assert.ok(error.message.length > 0 && !/[\r\n]/.test(error.message), JSON.stringify(error.message));
    return { error };
  }
}

/** A fault of the link, told as one. */
export function assertLinkError(error: RemoteError): void {
  assert.ok(isRemoteError(error, 'Lost', 'Unreachable', 'Busy'), `${error.code}: ${error.message}`);
}
