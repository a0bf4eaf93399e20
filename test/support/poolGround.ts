import assert from 'node:assert/strict';
import type { ConnectContext } from '../../src/core/connect.ts';
import { RemoteError, type RemoteErrorCode } from '../../src/core/errors.ts';
import type { Host, HostProfile } from '../../src/core/host.ts';
import type { Lane, Pool, PoolContext } from '../../src/core/pool.ts';
import type { Remote } from '../../src/core/remote.ts';
import { fakeClock, turns, type FakeClock } from './fakeClock.ts';
import { MemoryRemote, MemoryServer } from './memoryRemote.ts';
import { poolOf, testHost } from './poolOf.ts';

/** An exclusive and a shared host of the pool's tests. */
export const ftp = testHost({ name: 'ftp', protocol: 'ftp', connections: 3 });
export const sftp = testHost({ name: 'sftp', protocol: 'sftp', connections: 2 });

interface Held {
  readonly done: Promise<void>;
  readonly release: () => void;
  readonly remote: () => Remote | undefined;
}

/** A pool over a server in memory, with a clock that the test moves. */
export interface PoolGround {
  readonly clock: FakeClock;
  readonly pool: Pool;
  /** Connections that came about, and what each attempt was given, in order. */
  readonly made: MemoryRemote[];
  readonly contexts: ConnectContext[];
  /** What the next attempts fail with; undefined: that one succeeds. */
  refusals: (RemoteErrorCode | RemoteError | undefined)[];
  readonly profile: HostProfile;
  /** A task that holds its connection until it is let go. */
  readonly hold: (host: Host, lane?: Lane) => Held;
  /** Ends the pool; nothing of it may be left. */
  end(): Promise<void>;
}

export function makePoolGround(more: Partial<PoolContext> = {}, gate?: (host: Host, context: ConnectContext) => Promise<void>): PoolGround {
  const clock = fakeClock();
  const server = new MemoryServer();
  let profile: HostProfile = {};
  const pool = poolOf(
    async (host, context) => {
      ground.contexts.push(context);
      await new Promise((resolve) => setImmediate(resolve));
      await gate?.(host, context);
      if (context.signal.aborted) throw new RemoteError('Cancelled', 'Cancelled.');
      const refusal = ground.refusals.shift();
      if (refusal !== undefined) throw refusal instanceof RemoteError ? refusal : new RemoteError(refusal, `Refused: ${refusal}.`);
      const remote = new MemoryRemote(server, { facts: { parallel: host.protocol === 'sftp' ? 8 : 1 } });
      ground.made.push(remote);
      return remote;
    },
    { clock, profiles: { get: () => profile, learn: (_, facts) => (profile = { ...profile, ...facts }) }, ...more },
  );
  const ground: PoolGround = {
    ...{ clock, pool, made: [], contexts: [], refusals: [] },
    get profile() {
      return profile;
    },
    hold(host, lane = 'interactive') {
      const gateway = Promise.withResolvers<undefined>();
      let remote: Remote | undefined;
      const done = pool.run(
        host,
        async (leased) => {
          remote = leased;
          await gateway.promise;
        },
        { lane },
      );
      done.catch(() => undefined);
      return { done, release: () => gateway.resolve(undefined), remote: () => remote };
    },
    async end() {
      await pool.dispose();
      await turns();
      assert.equal(clock.pending, 0, 'timers are left');
    },
  };
  return ground;
}
