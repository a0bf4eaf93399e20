import type { Disposable } from '../core/events.ts';
import type { Pool } from '../core/pool.ts';
import { samePlace } from './secrets.ts';
import type { SecretPlace, Secrets, SecretSlot } from './secrets.ts';

/**
 * Secrets that the person typed, in memory only, while the window lives: a further connection to the same host or a reconnect
 * does not ask again. One that the person wants kept goes to the keychain when its log-in has succeeded, never before.
 */
export interface TypedSecrets {
  /** A moment to compare with: see `get` and `forget`. */
  now(): number;
  /** With `since`: only one that was typed after that moment. */
  get(slot: SecretSlot, since?: number): string | undefined;
  /** Where the slot names no server (a password in a pasted address): for the first one that it is given to. */
  set(hostName: string, slot: SecretSlot, secret: string, keep: boolean): void;
  /** Unless it was typed after `until`. */
  forget(slot: SecretSlot, until: number): void;
  forgetAll(place: SecretPlace): void;
  /** The log-in of that host succeeded: what is to be kept is kept now. */
  accepted(hostName: string): Promise<void>;
}

interface Typed {
  readonly hostName: string;
  readonly slot: SecretSlot;
  readonly secret: string;
  readonly keep: boolean;
  readonly at: number;
}

function sameSlot(a: SecretSlot, b: SecretSlot): boolean {
  return a.kind === b.kind && a.file === b.file && samePlace(a.owner, b.owner);
}

/** Whether what was typed for `given` may be given to the server of `asking`. */
function isForPeer({ peer: given }: SecretSlot, { peer: asking }: SecretSlot): boolean {
  if (given === undefined || asking === undefined) return true;
  return [asking.fingerprint, ...asking.others].includes(given.fingerprint);
}

export function createTypedSecrets(secrets: Secrets): TypedSecrets {
  let all: Typed[] = [];
  let clock = 0;
  return {
    now: () => clock,
    get(slot, since = -1) {
      const found = all.find((typed) => sameSlot(typed.slot, slot) && isForPeer(typed.slot, slot) && typed.at > since);
      const { peer } = slot;
      if (peer !== undefined && found?.slot.peer === undefined)
        all = all.map((typed) => (typed === found ? { ...typed, slot: { ...typed.slot, peer } } : typed));
      return found?.secret;
    },
    set(hostName, { owner, kind, file, peer }, secret, keep) {
      const slot = { owner, kind, file, peer };
      clock++;
      all = [...all.filter((typed) => !sameSlot(typed.slot, slot)), { hostName, slot, secret, keep, at: clock }];
    },
    forget(slot, until) {
      all = all.filter((typed) => !sameSlot(typed.slot, slot) || typed.at > until);
    },
    forgetAll(place) {
      all = all.filter(
        ({ slot }) => !samePlace({ ...slot.owner, user: place.user ?? slot.owner.user }, { ...place, user: place.user ?? slot.owner.user }),
      );
    },
    async accepted(hostName) {
      const kept = all.filter((typed) => typed.keep && typed.hostName === hostName);
      all = all.map((typed) => (kept.includes(typed) ? { ...typed, keep: false } : typed));
      for (const { slot, secret } of kept) await secrets.keep(slot, secret);
    },
  };
}

/** Lets the keychain have what is to be kept, whenever a log-in has succeeded. `failed`: the keychain refused; the log-in holds. */
export function keepAcceptedSecrets(pool: Pool, typed: TypedSecrets, failed: (error: unknown) => void): Disposable {
  return pool.onDidChangeState((name) => {
    if (pool.state(name).state === 'connected') void typed.accepted(name).catch(failed);
  });
}
