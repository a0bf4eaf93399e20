import { isRemoteError, RemoteError } from '../errors.ts';
import type { Host } from '../host.ts';
import { t } from '../l10n.ts';
import { contains, parent } from '../path.ts';
import type { Pool } from '../pool.ts';
import type { Attributes } from '../remote.ts';

/** Folders that the items of one group are brought into. */
export interface Folders {
  /**
   * Makes sure of a folder and those above it. Resolves to whether it was made for this, so that nothing else is in it. `NotADirectory`
   * where something else is there. On this computer a link is no folder, except above and at the place that the person chose: what comes
   * from a server must not lead the rest elsewhere.
   */
  ensure(path: string, signal: AbortSignal): Promise<boolean>;
}

/** Each folder is asked for once. `hostOf`: as its settings are now; `into`: what the person chose. */
export function createFolders(pool: Pool, hostOf: () => Host, into: string): Folders {
  const known = new Map<string, Promise<boolean>>();
  const isLocal = hostOf().name === '';

  const look = (path: string, signal: AbortSignal): Promise<Attributes | undefined> =>
    pool.run(
      hostOf(),
      async (remote, ended) => {
        const call = { signal: ended };
        try {
          return await (isLocal && !contains(path, into) ? remote.lstat(path, call) : remote.stat(path, call));
        } catch (error) {
          if (isRemoteError(error, 'NotFound')) return undefined;
          throw error;
        }
      },
      { signal, lane: 'bulk', repeatable: true },
    );
  const make = async (path: string, signal: AbortSignal): Promise<boolean> => {
    // Those above first: this computer's disk would follow a link among them.
    if (isLocal && !contains(path, into)) await ensure(parent(path), signal);
    const there = await look(path, signal);
    if (there?.kind === 'directory') return false;
    if (there !== undefined) throw noFolder(path);
    if (path !== '/') await ensure(parent(path), signal);
    try {
      await pool.run(hostOf(), (remote, ended) => remote.mkdir(path, { signal: ended }), { signal, lane: 'bulk', changes: 'new' });
      return true;
    } catch (error) {
      if (!isRemoteError(error, 'Exists')) throw error;
      // Somebody was faster, and may have made something else.
      if ((await look(path, signal))?.kind !== 'directory') throw noFolder(path);
      return false;
    }
  };
  const ensure = async (path: string, signal: AbortSignal): Promise<boolean> => {
    const asked = known.get(path) ?? make(path, signal);
    known.set(path, asked);
    try {
      return await asked;
    } catch (error) {
      if (known.get(path) === asked) known.delete(path);
      // One who gave up does not speak for the others.
      if (isRemoteError(error, 'Cancelled') && !signal.aborted) return ensure(path, signal);
      throw error;
    }
  };
  return { ensure };
}

function noFolder(path: string): RemoteError {
  return new RemoteError('NotADirectory', t('There is no folder of this name, but something else.'), { path });
}
