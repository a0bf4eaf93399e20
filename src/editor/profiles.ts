import type { Memento } from 'vscode';
import type { Host, HostProfile } from '../core/host.ts';

/** What Ferry learned about each server, kept between sessions. */
export interface Profiles {
  get(hostName: string): HostProfile;
  learn(hostName: string, facts: HostProfile): void;
}

const key = 'hostProfiles';

/** `find` yields a saved host: what was learned belongs to its address, so that an edited host starts afresh. */
export function createProfiles(state: Memento, find: (hostName: string) => Host | undefined): Profiles {
  const all = () => state.get<Readonly<Record<string, HostProfile>>>(key, {});
  const placeOf = (hostName: string) => {
    const host = find(hostName);
    return host === undefined ? hostName.toLowerCase() : `${host.protocol}://${host.address.toLowerCase()}:${host.port}`;
  };
  return {
    get: (hostName) => all()[placeOf(hostName)] ?? {},
    learn(hostName, facts) {
      const place = placeOf(hostName);
      const profiles = { ...all(), [place]: { ...all()[place], ...facts } };
      // A failed write only means that it will be learned again.
      void Promise.resolve(state.update(key, profiles)).catch(() => undefined);
    },
  };
}
