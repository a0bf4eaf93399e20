import type { Host } from '../host.ts';
import { t } from '../l10n.ts';
import type { Pool } from '../pool.ts';
import type { Remote } from '../remote.ts';
import { save, type SaveJournal, type SaveOptions } from './save.ts';
import { DoubtfulSaveError, UnsettledOverwriteError } from './saveErrors.ts';
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
  const attempt = async (remote: Remote, signal: AbortSignal) => {
    const earlier = [...left];
    const version = await save(remote, path, content, { ...options, journal, signal });
    // After the save, not before: a server may still hold on to the file that the lost connection was writing.
    await Promise.all(earlier.map((temporary) => removeTemporary(remote, temporary, journal)));
    return version;
  };
  return runChange(pool, host, attempt, { signal: options.signal, repeatable: true, uncertain: (reason) => uncertain(reason, content) });
}

function uncertain(reason: UnsettledError, content: Uint8Array): DoubtfulSaveError {
  const message = t('The link was lost at the last step of saving, and the server can not be asked whether the file was saved.');
  const hint = reason.hint ?? t('When the server can be reached again, save once more.');
  const attempt = reason instanceof UnsettledOverwriteError ? reason.attempt : { content, old: undefined, done: () => Promise.resolve() };
  return new DoubtfulSaveError('Lost', message, attempt, { path: reason.path, host: reason.host, hint, cause: reason });
}

/** `left`: temporaries that were begun and not removed. */
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
    addAside: (swap) => journal.addAside(swap),
    keep: (entry) => journal.keep(entry),
  };
}
