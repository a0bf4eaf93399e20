import type { Connect } from '../../src/core/connect.ts';
import type { Host, HostProfile } from '../../src/core/host.ts';
import { child } from '../../src/core/path.ts';
import type { Pool, RunOptions } from '../../src/core/pool.ts';
import type { Remote } from '../../src/core/remote.ts';
import { connect } from '../../src/transport/index.ts';
import { type LockstepLink, startLockstepLink } from '../servers/lockstepLink.ts';
import { MemoryRemote, type MemoryServer } from '../support/memoryRemote.ts';
import { poolOf, testHost } from '../support/poolOf.ts';
import { memoryTrust, scriptedPrompts } from '../support/prompts.ts';
import { type FaultServer, proxyAddress } from './faultServers.ts';
import { makeDisk, type Disk } from './ground.ts';

/** Short, because a slow answer costs no round trip by itself; a busy machine may still break up what goes out together. */
const silenceMs = 40;

/** A pool that reaches a real FTP server over a line of which nothing counts but its length. */
export interface LockstepGround {
  readonly link: LockstepLink;
  readonly host: Host;
  readonly pool: Pool;
  readonly disk: Disk;
  /** On the server. */
  readonly path: (name: string) => string;
  readonly run: <T>(task: (remote: Remote, signal: AbortSignal) => Promise<T>, options?: RunOptions) => Promise<T>;
  readonly learn: (facts: HostProfile) => void;
  /** Round trips that `work` takes, from a line at rest. */
  roundTrips(work: () => Promise<unknown>): Promise<number>;
  /** Without the server. */
  end(): Promise<void>;
}

/** The other side of an upload or a download, where there is one: no line to it, and as many calls at once as anybody wants. */
export const local = testHost({ name: 'local' });

export async function makeLockstepGround(
  { server, dataPorts }: FaultServer,
  more: Partial<Host> = {},
  here?: MemoryServer,
): Promise<LockstepGround> {
  const link = await startLockstepLink(server.host.port, { silenceMs, address: proxyAddress, dataPorts });
  const host: Host = { ...server.host, address: link.address, port: link.port, ...more };
  let profile: HostProfile = {};
  const learn = (facts: HostProfile): void => void (profile = { ...profile, ...facts });
  const profiles = { get: () => profile, learn: (_: string, facts: HostProfile) => learn(facts) };
  const reach: Connect = (at, context) =>
    here && at.name === local.name ? Promise.resolve(new MemoryRemote(here, { facts: { parallel: 1000 } })) : connect(at, context);
  const pool = poolOf(reach, { prompts: scriptedPrompts({ ...server.secrets, admit: true }), trust: memoryTrust(), profiles });
  return {
    ...{ link, host, pool, learn, disk: makeDisk(server, server.root) },
    path: (name) => name.split('/').reduce(child, server.rootOnServer),
    run: (task, options) => pool.run(host, task, options),
    async roundTrips(work) {
      await link.quiet();
      const before = link.roundTrips;
      await work();
      return link.roundTrips - before;
    },
    async end() {
      await pool.dispose();
      await link.close();
    },
  };
}
