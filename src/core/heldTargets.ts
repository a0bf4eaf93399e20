import type { Clock } from './clock.ts';
import { isRemoteError, RemoteError, toRemoteError } from './errors.ts';
import type { Host } from './host.ts';
import { t } from './l10n.ts';
import { renameEntry } from './operations/changes.ts';
import type { Discard } from './operations/moveOver.ts';
import type { SaveJournal } from './operations/save.ts';
import { lstatIfThere } from './operations/saveTarget.ts';
import { forgetTemporary, temporaryBeside } from './operations/temporary.ts';
import { orUnsettled, runChange } from './operations/unsettled.ts';
import { basename, contains } from './path.ts';
import type { Pool } from './pool.ts';
import type { Remote } from './remote.ts';
import { hostKey } from './sameHost.ts';

/** How long, in ms, after the last call to a host what was held there is still waited for. */
const quietTime = 5000;
/** What is held longer, in ms, is not waited for, whatever else is going on. */
const longestTime = 60_000;
/** The same while a folder is being filled again, file by file. */
const longestFilling = 600_000;

/** How long, in ms, the end may take: an editor that closes waits no longer. */
const endTime = 2000;

export interface HeldPlace {
  readonly host: Host;
  readonly path: string;
  /** Contains the keys of what is below. */
  readonly key: string;
}

export interface HeldTargetsParts {
  readonly pool: Pool;
  readonly clock: Clock;
  readonly journal: (host: Host) => SaveJournal;
  /** What becomes of what nobody brought anything in the place of, and of what was replaced. */
  readonly discard: (host: Host) => Discard;
  /** Tells the person what can't be told by an error any more. */
  readonly warn: (message: string) => void;
}

interface Held {
  readonly place: HeldPlace;
  readonly aside: string;
  readonly since: number;
  until: number;
  /** It was a folder, and a new one of its name is being filled. */
  filling: boolean;
  cancel: () => void;
}

/**
 * Targets that were deleted to be replaced. An editor that moves or copies onto something deletes that first, as if a person had deleted
 * it, and only then brings the new: so what is deleted steps aside for a moment. It comes back when bringing the new fails, and is gone
 * for good when that succeeded or when nothing came.
 */
export class HeldTargets {
  readonly #parts: HeldTargetsParts;
  readonly #held = new Set<Held>();
  readonly #discarding = new Set<Promise<void>>();
  #ended = false;

  constructor(parts: HeldTargetsParts) {
    this.#parts = parts;
  }

  /** Takes it away from its place, as a delete would; false where the server refuses that and nothing was changed. `NotFound` as for a delete. */
  async hold(place: HeldPlace): Promise<boolean> {
    const { pool, clock, journal } = this.#parts;
    const { host, path } = place;
    if (path === '/') return false;
    const aside = temporaryBeside(path, 'old');
    await journal(host).addAside({ to: path, aside, from: undefined });
    try {
      await runChange(pool, host, (remote) => renameEntry(remote, path, aside, { replace: false }));
    } catch (error) {
      const reason = toRemoteError(error);
      if (reason.code === 'Lost' || reason.code === 'Unreachable') {
        journal(host).abandon(aside);
        throw reason;
      }
      await forgetTemporary(aside, journal(host));
      if (reason.code === 'NotFound' || reason.code === 'Cancelled' || reason.dropsConnection) throw reason;
      return false;
    }
    this.#wait({ place, aside, since: clock.now(), until: clock.now() + quietTime, filling: false, cancel: () => {} });
    return true;
  }

  /** Something is brought to `place` by `work`: what was held of it is discarded after that, or put back where it fails. */
  async bring<T>(place: HeldPlace, work: () => Promise<T>, options: { readonly isFolder?: boolean } = {}): Promise<T> {
    const held = this.#take(place);
    try {
      const result = await work();
      if (held !== undefined && options.isFolder === true) this.#wait({ ...held, filling: true });
      else if (held !== undefined) void this.#discardLater(held);
      return result;
    } catch (error) {
      if (held !== undefined) throw await this.#restore(held, toRemoteError(error));
      await this.#keepFilled(place);
      throw error;
    }
  }

  /** Somebody is busy with the host: what is to come may be on its way. */
  touch({ host }: HeldPlace): void {
    const until = this.#parts.clock.now() + quietTime;
    for (const held of this.#held) if (hostKey(held.place.host) === hostKey(host)) held.until = Math.max(held.until, until);
  }

  /** Whether `name` in `folder` is where something is held: to be shown to nobody. */
  hides(folder: HeldPlace, name: string): boolean {
    return [...this.#held].some(({ place, aside }) => basename(aside) === name && place.key === childKey(folder, basename(place.path)));
  }

  /** Before `place` itself is moved or removed: what is held below is discarded. */
  async settleBelow({ key }: HeldPlace): Promise<void> {
    const below = [...this.#held].filter(({ place }) => place.key !== key && contains(key, place.key));
    await Promise.all(below.map((held) => this.#discardLater(held)));
  }

  /** Discards what is held; what can't be reached comes back at its place with the next session. */
  async end(): Promise<void> {
    this.#ended = true;
    for (const held of this.#held) void this.#discardLater(held);
    const late = Promise.withResolvers<undefined>();
    const cancel = this.#parts.clock.after(endTime, () => late.resolve(undefined));
    await Promise.race([Promise.all(this.#discarding), late.promise]);
    cancel();
  }

  #wait(held: Held): void {
    const { clock } = this.#parts;
    this.#held.add(held);
    const look = () => {
      const left = Math.min(held.until, held.since + (held.filling ? longestFilling : longestTime)) - clock.now();
      if (left > 0) held.cancel = clock.after(left, look);
      else void this.#discardLater(held);
    };
    held.cancel = clock.after(quietTime, look);
  }

  #take({ key }: HeldPlace): Held | undefined {
    const held = [...this.#held].find(({ place, filling }) => place.key === key && !filling);
    if (held !== undefined) this.#forget(held);
    return held;
  }

  #forget(held: Held): void {
    held.cancel();
    this.#held.delete(held);
  }

  #discardLater(held: Held): Promise<void> {
    this.#forget(held);
    const discarding = this.#discard(held);
    this.#discarding.add(discarding);
    return discarding.finally(() => this.#discarding.delete(discarding));
  }

  /** Never rejects. */
  async #discard(held: Held): Promise<void> {
    const { pool, clock, journal, discard } = this.#parts;
    const { host, path } = held.place;
    const remove = async (remote: Remote): Promise<void> => {
      if ((await lstatIfThere(remote, held.aside, {})) !== undefined) await discard(host)(remote, held.aside, path);
    };
    try {
      await runChange(pool, host, (remote) => orUnsettled(remove(remote), remove), { lane: 'bulk', background: true, changes: 'begun' });
      await forgetTemporary(held.aside, journal(host));
    } catch (error) {
      const reason = toRemoteError(error);
      if (this.#ended) return;
      if (isRemoteError(reason, 'Lost', 'Unreachable', 'Busy', 'Auth', 'Untrusted', 'Cancelled')) {
        // Nobody waits for it: when the host is connected again, or by the journal.
        this.#wait({ ...held, since: clock.now(), until: clock.now() + longestTime, filling: false });
        return;
      }
      const { message, hint } = await this.#restore(held, reason);
      this.#parts.warn(t('{0} on {1} could not be deleted: {2} {3}', path, host.name, message, hint ?? ''));
    }
  }

  /** Resolves to the reason, with what became of what was held. */
  async #restore({ place: { host, path }, aside }: Held, reason: RemoteError): Promise<RemoteError> {
    const { pool, journal } = this.#parts;
    const putBack = async (remote: Remote): Promise<void> => {
      if ((await lstatIfThere(remote, path, {})) !== undefined) throw new RemoteError('Exists', t('Something else is there.'), { path });
      await renameEntry(remote, aside, path, { replace: false });
    };
    try {
      await runChange(pool, host, putBack, { changes: 'begun' });
      await forgetTemporary(aside, journal(host));
      return reason.with({ hint: t('What was at {0} before is back.', path) });
    } catch {
      journal(host).abandon(aside);
      return reason.with({ hint: t('What was at {0} before is on the server as {1}.', path, aside) });
    }
  }

  /** A folder that is only half filled again: what was there before stays, under its hidden name. */
  async #keepFilled({ key }: HeldPlace): Promise<void> {
    for (const held of [...this.#held]) {
      const { place, aside, filling } = held;
      if (!filling || !contains(place.key, key)) continue;
      this.#forget(held);
      await forgetTemporary(aside, this.#parts.journal(place.host));
      this.#parts.warn(
        t('Not everything could be copied to {0} on {1}. What was there before is kept as {2}.', place.path, place.host.name, aside),
      );
    }
  }
}

function childKey({ key }: HeldPlace, name: string): string {
  return key.endsWith('/') ? `${key}${name}` : `${key}/${name}`;
}
