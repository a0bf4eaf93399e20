import type { Host, HostProfile } from './host.ts';
import type { Log } from './log.ts';
import type { Prompts, TrustStore } from './prompts.ts';
import type { Remote } from './remote.ts';

/** All that a transport needs from outside to connect. */
export interface ConnectContext {
  readonly prompts: Prompts;
  readonly trust: TrustStore;
  readonly log: Log;
  readonly profile: HostProfile;
  /** Keeps what was learned; merged into the profile. */
  learn(facts: HostProfile): void;
  /** Aborting ends the attempt promptly with `Cancelled`. */
  readonly signal: AbortSignal;
}

/** `transport/index.ts` is the one implementation in the product; the pool's tests bring their own. Throws only RemoteErrors. */
export type Connect = (host: Host, context: ConnectContext) => Promise<Remote>;
