import type { Disposable } from '../core/events.ts';
import type { Host } from '../core/host.ts';
import { removeTemporary } from '../core/operations/temporary.ts';
import type { Pool } from '../core/pool.ts';
import type { Journal } from './journal.ts';
import { settleAsides } from './leftAsides.ts';

/**
 * What a window that ended in mid-save has left: its temporaries are removed from the server at the next connection — exactly the
 * names in the journal — and `offer`ed are the contents that it kept on this computer. Once a session.
 */
export function watchLeftovers(
  pool: Pool,
  journal: Journal,
  findHost: (name: string) => Host | undefined,
  offer: (host: Host) => Promise<void>,
): Disposable {
  const looked = new Set<string>();
  return pool.onDidChangeState((name) => {
    if (pool.state(name).state !== 'connected' || looked.has(name)) return;
    const host = findHost(name);
    if (!host) return;
    looked.add(name);
    const again = () => looked.delete(name);
    const cleared = removeTemporaries(pool, journal, host).catch(again);
    // Only then, what a save of the window had put aside is back in its place.
    void cleared.then(() => offer(host)).catch(again);
  });
}

async function removeTemporaries(pool: Pool, journal: Journal, host: Host): Promise<void> {
  // First: whether something came to its place is told by whether it is still on its way.
  await settleAsides(pool, journal, host);
  const left = await journal.temporaries(host);
  if (left.length === 0) return;
  const notes = journal.forHost(host);
  await pool.run(
    host,
    async (remote) => {
      for (const path of left) await removeTemporary(remote, path, notes);
    },
    { lane: 'bulk' },
  );
}
