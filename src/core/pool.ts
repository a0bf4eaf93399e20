import { type Clock, systemClock } from './clock.ts';
import type { Connect } from './connect.ts';
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
}

export interface HostState {
  readonly state: 'disconnected' | 'connecting' | 'connected' | 'error';
  /** Why, where `state` is `error`. */
  readonly error?: RemoteError;
  readonly connections: number;
  /** Tasks that hold a connection. */
  readonly busy: number;
}

/** The connections to all hosts. Throws only RemoteErrors, with `host` set. */
export interface Pool {
  /**
   * Runs `task` with a connection to `host`, made when there is none: exclusively where `facts.parallel` is 1, shared with other tasks
   * elsewhere. When the promise of `task` settles the connection is free. A failure to connect that asks for a person (`Auth`, `Untrusted`,
   * `Cancelled`) is not tried again by itself, and answers all runs of the next 3 s.
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
  /** Why a connection to this host must not be made now; asked before each one. */
  mayConnect(host: Host): RemoteError | undefined;
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
    const order = ['connected', 'connecting', 'error', 'disconnected'] as const;
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
      const { state, error, connections, busy } = entry.pool.state;
      const shown = JSON.stringify([state, error?.message, connections, busy]);
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
    run: (host, task, options = {}) => within(host, (pool) => pool.run(task, options)),
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
