import { isRemoteError, RemoteError } from '../errors.ts';
import { t } from '../l10n.ts';
import type { Attributes, Remote } from '../remote.ts';
import { settleAll } from './bounded.ts';
import { lstatIfThere } from './saveTarget.ts';
import { orUnsettled } from './unsettled.ts';

/*
 * The changes that are one request. None takes a signal: what was sent can't be called back, only its outcome be missed. Where the link is
 * lost before the answer they throw `UnsettledError`; nothing is asked before, because such answers are lost with the same link.
 */

/** As `Remote.mkdir`. After a lost answer a folder that is there is ours: who asks for a new one has looked before. */
export function makeFolder(remote: Remote, path: string): Promise<void> {
  return orUnsettled(remote.mkdir(path), async (next) => {
    try {
      await next.mkdir(path);
    } catch (error) {
      if (!isRemoteError(error, 'Exists')) throw error;
      if ((await next.lstat(path)).kind !== 'directory') throw error;
    }
  });
}

/** Removes an entry of this kind, not what is in it. One that is gone after a lost answer was removed. */
export function removeEntry(remote: Remote, path: string, kind: Attributes['kind']): Promise<void> {
  return orUnsettled(remove(remote, path, kind), async (next) => {
    const now = await lstatIfThere(next, path, {});
    if (now === undefined) return;
    if (isFolder(now.kind) !== isFolder(kind)) throw replaced(path);
    try {
      await remove(next, path, kind);
    } catch (error) {
      if (!isRemoteError(error, 'NotFound')) throw error;
    }
  });
}

/** As `Remote.rename`. Moved is what is gone from the one place and there at the other; else it is done once more. */
export function renameEntry(remote: Remote, from: string, to: string, options: { readonly replace: boolean }): Promise<void> {
  return orUnsettled(remote.rename(from, to, options), async (next) => {
    // Where both names are one entry no look tells whether it was renamed; doing it twice harms nothing.
    const isOne = !next.facts.caseSensitive && from.toLowerCase() === to.toLowerCase();
    if (!isOne) {
      const [source, target] = await settleAll([lstatIfThere(next, from, {}), lstatIfThere(next, to, {})]);
      if (source === undefined && target === undefined) throw vanished(from, to);
      if (source === undefined) return;
    }
    await next.rename(from, to, options);
  });
}

function remove(remote: Remote, path: string, kind: Attributes['kind']): Promise<void> {
  return isFolder(kind) ? remote.rmdir(path) : remote.unlink(path);
}

function isFolder(kind: Attributes['kind']): boolean {
  return kind === 'directory';
}

function replaced(path: string): RemoteError {
  const message = t('The link was lost while this was deleted, and now something else is there. It was left alone.');
  return new RemoteError('Busy', message, { path, retryable: false });
}

function vanished(from: string, to: string): RemoteError {
  return new RemoteError('NotFound', t('The link was lost while this was moved, and now it is neither at {0} nor at {1}.', from, to), {
    path: from,
    hint: t('Somebody else may have moved or deleted it.'),
  });
}
