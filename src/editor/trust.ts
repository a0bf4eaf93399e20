import type { Memento } from 'vscode';
import type { Identity, TrustedIdentity, TrustStore } from '../core/prompts.ts';

/** What the person accepted for one address. */
export interface TrustedServer {
  readonly kind: Identity['kind'];
  readonly address: string;
  readonly port: number;
  readonly identities: readonly TrustedIdentity[];
}

/** Accepted host keys and certificates, in VS Code's storage for this extension. A workspace can neither read nor add one. */
export interface Trust extends TrustStore {
  readonly servers: readonly TrustedServer[];
  /** The deliberate way on from a changed identity: from now on only this one is accepted at that address. */
  replace(kind: Identity['kind'], address: string, port: number, identity: TrustedIdentity): Promise<void>;
  forget(server: TrustedServer): Promise<void>;
}

const key = 'trustedServers';

export function createTrust(state: Memento): Trust {
  const all = () => state.get<readonly TrustedServer[]>(key, []);
  const at = (kind: Identity['kind'], address: string, port: number) => (server: TrustedServer) =>
    server.kind === kind && server.port === port && server.address === address.toLowerCase();

  // Reads and writes without an await between them: two log-ins that end together both stay remembered.
  const set = (kind: Identity['kind'], address: string, port: number, change: (old: readonly TrustedIdentity[]) => TrustedIdentity[]) => {
    const here = at(kind, address, port);
    const identities = change(all().find(here)?.identities ?? []);
    const others = all().filter((server) => !here(server));
    return Promise.resolve(
      state.update(key, identities.length === 0 ? others : [...others, { kind, address: address.toLowerCase(), port, identities }]),
    );
  };

  return {
    get servers() {
      return all();
    },
    known: (kind, address, port) => all().find(at(kind, address, port))?.identities ?? [],
    remember: (kind, address, port, identity) =>
      set(kind, address, port, (old) => [...old.filter((other) => other.algorithm !== identity.algorithm), identity]),
    replace: (kind, address, port, identity) => set(kind, address, port, () => [identity]),
    forget: ({ kind, address, port }) => set(kind, address, port, () => []),
  };
}
