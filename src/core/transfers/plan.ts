import { RemoteError } from '../errors.ts';
import { t } from '../l10n.ts';
import { isFolder, walk } from '../operations/walk.ts';
import type { Place } from '../operations/moveThroughPool.ts';
import type { Pool } from '../pool.ts';
import { identityOf, type OnExists, placeOn, type TransferTask } from './item.ts';

/** One thing that a person chose, and where it is to be. */
export interface Errand {
  readonly from: Place;
  readonly to: Place;
  readonly onExists: OnExists;
}

/**
 * All files, links and empty folders of what was chosen, in the order of their folders. Links are transferred as such, never followed; what
 * is none of these (devices) is left out. A name that a server lists twice counts once.
 */
export async function planTransfer(pool: Pool, errands: readonly Errand[], signal: AbortSignal): Promise<readonly TransferTask[]> {
  const lists = await Promise.all(errands.map((errand) => planOne(pool, errand, signal, false)));
  return lists.flat();
}

/** The same for what is to be gone from where it is: with all of its folders. `Unsupported` where there is anything that is none of these. */
export async function planMove(pool: Pool, errands: readonly Errand[], signal: AbortSignal): Promise<readonly TransferTask[]> {
  const lists = await Promise.all(errands.map((errand) => planOne(pool, errand, signal, true)));
  return lists.flat();
}

async function planOne(pool: Pool, { from, to, onExists }: Errand, signal: AbortSignal, moves: boolean): Promise<readonly TransferTask[]> {
  const options = { signal, lane: 'bulk', repeatable: true } as const;
  const found = await pool.run(from.host, (remote, ended) => walk(remote, from.path, { signal: ended }), options);
  const entries = [...new Map(found.map((entry) => [entry.path, entry])).values()];
  const filled = new Set(entries.map(({ path }) => path.slice(0, path.lastIndexOf('/'))));
  return entries.flatMap((entry): TransferTask[] => {
    const { path, relative, attributes } = entry;
    const { kind } = attributes;
    if (kind === 'other' && moves) throw new RemoteError('Unsupported', t('Devices and pipes can not be moved.'), { path });
    if (kind === 'other' || (isFolder(entry) && filled.has(path) && !moves)) return [];
    const target = relative === '' ? to.path : `${to.path === '/' ? '' : to.path}/${relative}`;
    return [
      {
        kind: kind === 'directory' ? 'folder' : kind === 'symlink' ? 'link' : 'file',
        from: placeOn(from.host, path),
        to: placeOn(to.host, target),
        ...identityOf(attributes),
        onExists,
      },
    ];
  });
}
