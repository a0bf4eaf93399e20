import { type Clock, systemClock } from './clock.ts';
import type { Connect, Reach } from './connect.ts';
import { RemoteError, toRemoteError } from './errors.ts';
import { createEmitter, type Event } from './events.ts';
import type { Host, HostProfile } from './host.ts';
import { HostPool } from './hostPool.ts';
import { t } from './l10n.ts';
import type { Log } from './log.ts';
import type { Prompts, TrustStore } from './prompts.ts';
import type { Remote } from './remote.ts';

/** Who waits: a person for `interactive` work, nobody in particular for `bulk`. Interactive work never waits behind bulk work. */
export type Lane = 'interactive' | 'bulk';

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  /** Default `interactive`. */
  readonly lane?: Lane | undefined;
  /** The task may run a second time after a failure that a new connection can mend. Default false: only what was never begun is tried again. */
  readonly repeatable?: boolean | undefined;
  /**
   * Nobody waits for it: it asks no person anything, never connects a host that is not in use already, and takes the first failure for the
   * end. Default false.
   */
  readonly background?: boolean | undefined;
  /**
   * The task changes something on the server: something `new`, or it finishes or undoes what was `begun` and allowed before. On a protected
   * host the connection of a task that does not say so refuses changes. Default: it only looks.
   */
  readonly changes?: 'new' | 'begun' | undefined;
  /** A person asks for just this, now: a log-in that has just failed is tried again for it. Not for what an editor may ask by itself. */
  readonly demanded?: boolean | undefined;
}

export interface HostState {
  /** `waiting`: for the next attempt to connect. `loginNeeded`: only a person can go on, by any work with the host or `connect`. */
  readonly state: 'disconnected' | 'connecting' | 'waiting' | 'connected' | 'loginNeeded' | 'error';
  /** Why the last attempt failed; also while the next one is made or waited for. */
  readonly error?: RemoteError;
  /** While `connecting` or `waiting`: the number of the attempt that is made or was made last, from 1. */
  readonly attempt?: number;
  /** While `waiting`: when the next attempt begins, in ms since the epoch. */
  readonly retryAt?: number;
  readonly connections: number;
  /** Tasks that hold a connection. */
  readonly busy: number;
}

/** The connections to all hosts. Throws only RemoteErrors, with `host` set. */
export interface Pool {
  /**
   * Runs `task` with a connection to `host`, made when there is none: exclusively where `facts.parallel` is 1, shared with other tasks
   * elsewhere. When the promise of `task` settles the connection is free. A failure to connect that may pass is tried again while the work
   * waits, at most 10 s from its coming; one that asks for a person (not `retryable`) is not tried again by itself, and answers all runs of
   * the next 3 s, longer each time. A host in use that lost its connections is connected again in the background.
   */
  run<T>(host: Host, task: (remote: Remote, signal: AbortSignal) => Promise<T>, options?: RunOptions): Promise<T>;
  /** Makes sure of a connection, because a person said so. */
  connect(host: Host, signal?: AbortSignal): Promise<void>;
  /** By the host's name. */
  state(name: string): HostState;
  /** With the host's name. */
  readonly onDidChangeState: Event<string>;
  /** Ends the host's connections; tasks that run fail as `Cancelled`, and what was typed for this session is forgotten. */
  disconnect(name: string): Promise<void>;
  /** Ends everything, in bounded time. No run is accepted afterwards. */
  dispose(): Promise<void>;
}

export interface PoolContext {
  readonly connect: Connect;
  readonly prompts: Prompts;
  readonly trust: TrustStore;
  log(hostName: string): Log;
  readonly profiles: {
    get(hostName: string): HostProfile;
    /** Merges into what is kept. */
    learn(hostName: string, facts: HostProfile): void;
  };
  /** Handed to `connect`. */
  readonly reach?: Reach;
  /** Why a connection to this host must not be made now; asked before each one. */
  mayConnect(host: Host): RemoteError | undefined;
  /** Whether the window has something of this host open, so that it is to be connected again by itself. Default: never. */
  isInUse?(host: Host): boolean;
  readonly clock?: Clock;
}

export function createPool(context: PoolContext): Pool {
  const clock = context.clock ?? systemClock;
  const changes = createEmitter<string>();
  const hosts = new Map<string, { readonly name: string; readonly pool: HostPool; shown: string }>();
  let disposed = false;

  const stateOf = (name: string): HostState => {
    // An unsaved address may be in use by several protocols.
    const states = entriesOf(name).map(({ pool }) => pool.state);
    const order = ['connected', 'connecting', 'waiting', 'loginNeeded', 'error', 'disconnected'] as const;
    const [best] = states.toSorted((one, other) => order.indexOf(one.state) - order.indexOf(other.state));
    const sum = (count: (state: HostState) => number) => states.reduce((total, state) => total + count(state), 0);
    return { ...(best ?? { state: 'disconnected' }), connections: sum((state) => state.connections), busy: sum((state) => state.busy) };
  };
  const entriesOf = (name: string) => [...hosts.values()].filter((entry) => entry.name.toLowerCase() === name.toLowerCase());

  const poolOf = (host: Host): HostPool => {
    if (disposed) throw closed();
    const key = `${host.protocol}:${host.name.toLowerCase()}`;
    const known = hosts.get(key);
    if (known !== undefined) {
      known.pool.update(host);
      return known.pool;
    }
    const changed = () => {
      const { error, ...rest } = entry.pool.state;
      const shown = JSON.stringify([rest, error?.message]);
      if (shown === entry.shown) return;
      entry.shown = shown;
      changes.fire(host.name);
    };
    const entry = { name: host.name, pool: new HostPool(host, context, clock, changed), shown: '' };
    hosts.set(key, entry);
    return entry.pool;
  };

  const within = async <T>(host: Host, work: (pool: HostPool) => Promise<T>): Promise<T> => {
    try {
      return await work(poolOf(host));
    } catch (error) {
      throw toRemoteError(error).with({ host: host.name });
    }
  };

  return {
    run: (host, task, options = {}) => within(host, (pool) => pool.run(host, task, options)),
    connect: (host, signal) => within(host, (pool) => pool.connect(signal)),
    state: stateOf,
    onDidChangeState: changes.event,
    async disconnect(name) {
      await Promise.all(entriesOf(name).map(({ pool }) => pool.end(closed().with({ host: name }))));
    },
    async dispose() {
      disposed = true;
      await Promise.all([...hosts.values()].map(({ name, pool }) => pool.end(closed().with({ host: name }))));
      changes.dispose();
    },
  };
}

function closed(): RemoteError {
  return new RemoteError('Cancelled', t('The connection was ended.'));
}
