import type { Clock } from './clock.ts';
import type { RemoteError } from './errors.ts';
import type { Host, HostProfile } from './host.ts';

/** How long, in ms, a refused further connection is not tried again. */
const refusalTime = 300_000;
/** How long, in ms, a limit that the server told is kept in the profile: what was a bad day must not hold for ever. */
const keptTime = 86_400_000;

interface Profile {
  get(hostName: string): HostProfile;
  learn(hostName: string, facts: HostProfile): void;
}

/** How many connections a host takes: what the person allows, and what the server let be known. */
export class ConnectionLimit {
  readonly #clock: Clock;
  readonly #profiles: Profile;
  #lowered: { readonly limit: number; readonly until: number } | undefined;

  constructor(clock: Clock, profiles: Profile) {
    this.#clock = clock;
    this.#profiles = profiles;
  }

  of(host: Host): number {
    const now = this.#clock.now();
    const { connectionLimit: told } = this.#profiles.get(host.name);
    const isValid = told !== undefined && told.wanted === host.connections && Math.abs(now - told.learnedAt) < keptTime;
    const lowered = this.#lowered !== undefined && now < this.#lowered.until ? this.#lowered.limit : Infinity;
    return Math.max(1, Math.min(host.connections, isValid ? told.count : Infinity, lowered));
  }

  /** One more than `count` was refused with `error`. */
  refused(host: Host, count: number, error: RemoteError): void {
    const now = this.#clock.now();
    this.#lowered = { limit: count, until: now + refusalTime };
    if (error.code !== 'Busy' && !/too many|maximum|\blimit/i.test(error.message)) return;
    this.#profiles.learn(host.name, { connectionLimit: { count, learnedAt: now, wanted: host.connections } });
  }

  /** The settings changed, or a person wants it tried anew. */
  forget(): void {
    this.#lowered = undefined;
  }
}
