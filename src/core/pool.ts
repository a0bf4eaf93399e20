import type { Clock } from './clock.ts';
import type { Connect } from './connect.ts';
import type { RemoteError } from './errors.ts';
import type { Event } from './events.ts';
import type { Host, HostProfile } from './host.ts';
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
