import type { Memento, SecretStorage } from 'vscode';
import type { Host } from '../core/host.ts';
import type { SecretOwner, SecretRequest } from '../core/prompts.ts';

/** What one kept secret is for. */
export type SecretSlot = Pick<SecretRequest, 'owner' | 'kind' | 'file' | 'peer'>;

/** The parts of a host that its secrets belong to; `user` undefined means every user who logged in there. */
export type SecretPlace = Pick<Host, 'user' | 'address' | 'port'> & Pick<SecretOwner, 'protocol'>;

/**
 * Passwords and passphrases in the computer's keychain. A secret is found again only for the same protocol, user, address and
 * port, so an edited address never receives the old one; and only for the server that it was given to, so neither does one that took its
 * place, even where the person accepted the new key or certificate. VS Code can't list its secret storage, so the names of the slots
 * (never a secret) are kept beside it, for removal together with the host.
 */
export interface Secrets {
  get(slot: SecretSlot): Promise<string | undefined>;
  keep(slot: SecretSlot, secret: string): Promise<void>;
  forget(slot: SecretSlot): Promise<void>;
  /** Whether one is kept that was given to a server with another identity. */
  isForAnother(slot: SecretSlot): boolean;
  /** Whether what `get` finds was given to no server yet, such as an imported one: it is bound to the first that accepts it. */
  isUnbound(slot: SecretSlot): boolean;
  /** An identity was replaced: what was kept before secrets were for one server only goes. */
  forgetUnbound(place: SecretPlace): Promise<void>;
  /** How many secrets are kept for a place. */
  count(place: SecretPlace): number;
  /** Removes all that is kept for a place; how many there were. */
  forgetAll(place: SecretPlace): Promise<number>;
}

const listKey = 'secretSlots';

/** Without `peer`: for whichever server is there. */
type Name = [protocol: string, user: string, address: string, port: number, kind: string, file: string, peer?: string];

function nameOf({ owner, kind, file }: SecretSlot, fingerprint?: string): string {
  const name: Name = [owner.protocol, owner.user, owner.address.toLowerCase(), owner.port, kind, file ?? ''];
  return JSON.stringify(fingerprint === undefined ? name : [...name, fingerprint]);
}

/** All names under which the secret for this server may be kept, the best first. */
function namesOf(slot: SecretSlot): string[] {
  const { peer } = slot;
  const bound = peer === undefined ? [] : [peer.fingerprint, ...peer.others].map((fingerprint) => nameOf(slot, fingerprint));
  return [...bound, nameOf(slot)];
}

function isOfSlot(name: string, slot: SecretSlot): boolean {
  return JSON.stringify((JSON.parse(name) as Name).slice(0, 6)) === nameOf(slot);
}

function belongsTo(name: string, place: SecretPlace): boolean {
  const [protocol, user, address, port] = JSON.parse(name) as Name;
  return (
    protocol === place.protocol &&
    address === place.address.toLowerCase() &&
    port === place.port &&
    (place.user === undefined || user === place.user)
  );
}

function isUnboundPassword(name: string): boolean {
  const { 4: kind, 6: peer } = JSON.parse(name) as Name;
  return kind === 'password' && peer === undefined;
}

export function samePlace(a: SecretOwner | SecretPlace, b: SecretOwner | SecretPlace): boolean {
  return a.protocol === b.protocol && a.user === b.user && a.port === b.port && a.address.toLowerCase() === b.address.toLowerCase();
}

export function createSecrets(storage: SecretStorage, state: Memento): Secrets {
  const names = (): string[] => state.get<string[]>(listKey, []);
  const remove = async (name: string) => {
    await storage.delete(name);
    await state.update(
      listKey,
      names().filter((other) => other !== name),
    );
  };
  return {
    async get(slot) {
      for (const name of namesOf(slot)) {
        const secret = await storage.get(name);
        if (secret !== undefined) return secret;
      }
      return undefined;
    },
    async keep(slot, secret) {
      const name = nameOf(slot, slot.peer?.fingerprint);
      // Listed first: a secret that nothing lists could not be removed with its host.
      if (!names().includes(name)) await state.update(listKey, [...names(), name]);
      await storage.store(name, secret);
      for (const other of [nameOf(slot), ...names()]) if (other !== name && isOfSlot(other, slot)) await remove(other);
    },
    async forget(slot) {
      for (const name of namesOf(slot)) await remove(name);
    },
    isForAnother(slot) {
      const own = namesOf(slot);
      return names().some((name) => isOfSlot(name, slot) && !own.includes(name));
    },
    isUnbound(slot) {
      const [best] = namesOf(slot).filter((name) => names().includes(name));
      return slot.peer !== undefined && best === nameOf(slot);
    },
    async forgetUnbound(place) {
      const found = names().filter((name) => belongsTo(name, place) && isUnboundPassword(name));
      for (const name of found) await remove(name);
    },
    count: (place) => names().filter((name) => belongsTo(name, place)).length,
    async forgetAll(place) {
      const found = names().filter((name) => belongsTo(name, place));
      for (const name of found) await remove(name);
      return found.length;
    },
  };
}
