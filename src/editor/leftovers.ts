import type { Disposable } from '../core/events.ts';
import type { Host } from '../core/host.ts';
import { removeTemporary } from '../core/operations/temporary.ts';
import type { Pool } from '../core/pool.ts';
import type { Journal } from './journal.ts';

/** The dead link that a save was given up on is noticed by then, in ms, and another one is there. */
const patience = 15_000;
/** So often is looked again. */
const attempts = 3;

export interface Leftovers extends Disposable {
  /** Something was left on this host by a change that was given up: it is removed a while later also where the host stays connected. */
  add(hostName: string): void;
}

/**
 * What a window that ended in mid-save has left: its temporaries are removed from the server at the next connection — exactly the
 * names in the journal — and `offer`ed are the contents that it kept on this computer, once a session. So is, at each new connection, what
 * this window had to give up when it lost the last one.
 */
export function watchLeftovers(
  pool: Pool,
  journal: Journal,
  findHost: (name: string) => Host | undefined,
  offer: (host: Host) => Promise<void>,
  wait = patience,
): Leftovers {
  const cleared = new Map<string, Promise<unknown>>();
  const offered = new Set<string>();
  const timers = new Map<string, NodeJS.Timeout>();
  const lookAgain = async (name: string, left: number): Promise<void> => {
    timers.delete(name);
    const host = findHost(name);
    // The next connection looks anyway.
    if (!host || pool.state(name).state !== 'connected') return;
    await removeTemporaries(pool, journal, host).catch(() => undefined);
    if (left > 1 && (await journal.temporaries(host)).length > 0) schedule(name, left - 1);
  };
  const schedule = (name: string, left: number) => {
    clearTimeout(timers.get(name));
    // What can't be removed stays in the journal.
    timers.set(
      name,
      setTimeout(() => void lookAgain(name, left).catch(() => undefined), wait),
    );
  };
  const states = pool.onDidChangeState((name) => {
    const host = findHost(name);
    if (pool.state(name).state !== 'connected' || !host) {
      cleared.delete(name);
      return;
    }
    const clearing = cleared.get(name) ?? removeTemporaries(pool, journal, host).catch(() => undefined);
    cleared.set(name, clearing);
    if (offered.has(name)) return;
    offered.add(name);
    // Only then, what a save of the window had put aside is back in its place.
    void clearing.then(() => offer(host)).catch(() => offered.delete(name));
  });
  return {
    add: (hostName) => schedule(hostName, attempts),
    dispose() {
      states.dispose();
      for (const timer of timers.values()) clearTimeout(timer);
    },
  };
}

async function removeTemporaries(pool: Pool, journal: Journal, host: Host): Promise<void> {
  // First: whether something came to its place is told by whether it is still on its way.
  if ((await journal.asides(host)).length > 0) await (await import('./leftAsides.ts')).settleAsides(pool, journal, host);
  const left = await journal.temporaries(host);
  if (left.length === 0) return;
  const notes = journal.forHost(host);
  await pool.run(
    host,
    async (remote) => {
      for (const path of left) await removeTemporary(remote, path, notes);
    },
    { lane: 'bulk', changes: 'begun' },
  );
}
