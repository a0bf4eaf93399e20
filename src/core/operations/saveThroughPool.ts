import type { Host } from '../host.ts';
import { t } from '../l10n.ts';
import type { Pool } from '../pool.ts';
import type { Remote } from '../remote.ts';
import { save, type SaveJournal, type SaveOptions } from './save.ts';
import { DoubtfulSaveError, UnsettledOverwriteError } from './saveErrors.ts';
import { freeConnection } from './secondConnection.ts';
import { removeTemporary } from './temporary.ts';
import { runChange, type UnsettledError } from './unsettled.ts';
import type { Version } from './version.ts';

/**
 * `save` that outlives a lost connection: what had no effect yet is tried once more with a new temporary; where only the server knows the
 * outcome, a new connection is asked and what was begun is finished. Resolves only when the server holds the new content.
 */
export async function saveThroughPool(pool: Pool, host: Host, path: string, content: Uint8Array, options: SaveOptions): Promise<Version> {
  const left = new Set<string>();
  const journal = noting(options.journal, left);
  // What it is for needs the file's content twice, on its way in and out.
  const compares = options.base?.hash !== undefined && options.ignoreConflict !== true;
  const attempt = (remote: Remote, signal: AbortSignal) => {
    const elsewhere = compares && remote.draft !== undefined ? freeConnection(pool, host, remote, signal) : undefined;
    return save(remote, path, content, { ...options, journal, signal, elsewhere });
  };
  const version = await runChange(pool, host, attempt, {
    signal: options.signal,
    repeatable: true,
    demanded: true,
    uncertain: (reason) => uncertain(reason, content),
  }).catch((error: unknown) => {
    for (const path of left) journal.abandon(path);
    throw error;
  });
  // After the save, not before: a server may still hold on to the file that the lost connection was writing.
  if (left.size > 0) await clear(pool, host, left, journal);
  for (const path of left) journal.abandon(path);
  return version;
}

/** What the lost connection could not remove any more, now that the file is saved. What is left all the same is in the journal. */
async function clear(pool: Pool, host: Host, left: ReadonlySet<string>, journal: SaveJournal): Promise<void> {
  const remove = async (remote: Remote) => {
    await Promise.all([...left].map((temporary) => removeTemporary(remote, temporary, journal)));
  };
  try {
    await pool.run(host, remove, { signal: AbortSignal.timeout(clearTime), changes: 'begun' });
  } catch {
    // The file is saved: that is what the person has to know.
  }
}

/** How long, in ms, that may hold up the answer. */
const clearTime = 3000;

function uncertain(reason: UnsettledError, content: Uint8Array): DoubtfulSaveError {
  const message = t('The link was lost at the last step of saving, and the server can not be asked whether the file was saved.');
  const hint = reason.hint ?? t('When the server can be reached again, save once more.');
  const attempt = reason instanceof UnsettledOverwriteError ? reason.attempt : { content, old: undefined, done: () => Promise.resolve() };
  return new DoubtfulSaveError('Lost', message, attempt, { path: reason.path, host: reason.host, hint, cause: reason });
}

/** `left`: temporaries that were begun and not removed; and what stepped aside, which is of no value once the file is saved. */
function noting(journal: SaveJournal, left: Set<string>): SaveJournal {
  return {
    async addTemporary(path) {
      await journal.addTemporary(path);
      left.add(path);
    },
    async removeTemporary(path) {
      left.delete(path);
      await journal.removeTemporary(path);
    },
    async addAside(swap) {
      await journal.addAside(swap);
      left.add(swap.aside);
    },
    abandon: (path) => journal.abandon(path),
    keep: (entry) => journal.keep(entry),
  };
}
