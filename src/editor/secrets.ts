import type { Memento, SecretStorage } from 'vscode';
import type { Host } from '../core/host.ts';
import type { SecretOwner, SecretRequest } from '../core/prompts.ts';

/** What one kept secret is for. */
export type SecretSlot = Pick<SecretRequest, 'owner' | 'kind' | 'file'>;

/** The parts of a host that its secrets belong to; `user` undefined means every user who logged in there. */
export type SecretPlace = Pick<Host, 'protocol' | 'user' | 'address' | 'port'>;

/**
 * Passwords and passphrases in the computer's keychain. A secret is found again only for the same protocol, user, address and
 * port, so an edited address never receives the old one. VS Code can't list its secret storage, so the names of the slots
 * (never a secret) are kept beside it, for removal together with the host.
 */
export interface Secrets {
  get(slot: SecretSlot): Promise<string | undefined>;
  keep(slot: SecretSlot, secret: string): Promise<void>;
  forget(slot: SecretSlot): Promise<void>;
  /** How many secrets are kept for a place. */
  count(place: SecretPlace): number;
  /** Removes all that is kept for a place; how many there were. */
  forgetAll(place: SecretPlace): Promise<number>;
}

const listKey = 'secretSlots';

type Name = [protocol: string, user: string, address: string, port: number, kind: string, file: string];

function nameOf({ owner, kind, file }: SecretSlot): string {
  const name: Name = [owner.protocol, owner.user, owner.address.toLowerCase(), owner.port, kind, file ?? ''];
  return JSON.stringify(name);
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
      return await storage.get(nameOf(slot));
    },
    async keep(slot, secret) {
      const name = nameOf(slot);
      // Listed first: a secret that nothing lists could not be removed with its host.
      if (!names().includes(name)) await state.update(listKey, [...names(), name]);
      await storage.store(name, secret);
    },
    forget: (slot) => remove(nameOf(slot)),
    count: (place) => names().filter((name) => belongsTo(name, place)).length,
    async forgetAll(place) {
      const found = names().filter((name) => belongsTo(name, place));
      for (const name of found) await remove(name);
      return found.length;
    },
  };
}
