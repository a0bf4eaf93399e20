import { RemoteError } from '../errors.ts';
import { t } from '../l10n.ts';
import type { Place } from '../operations/moveThroughPool.ts';
import { lstatIfThere } from '../operations/saveTarget.ts';
import { basename, child, parent } from '../path.ts';
import type { Pool } from '../pool.ts';
import type { Attributes } from '../remote.ts';
import type { OnExists, TransferGroup, TransferItem } from './item.ts';

/** A file or link whose name is taken. */
export interface Meeting {
  readonly item: TransferItem;
  readonly group: TransferGroup;
  readonly there: Attributes;
  /** What is there may be the beginning of what comes, and can be gone on with. */
  readonly mayResume: boolean;
}

/** Asks what is to be done; `resume` only where the meeting may. */
export type AskAboutMeeting = (meeting: Meeting, signal: AbortSignal) => Promise<Exclude<OnExists, 'ask'>>;

/** Where it goes; `resumes`: on from the end of what is there. */
export interface Decision {
  readonly path: string;
  readonly resumes: boolean;
}

/** Undefined: it stays where it is. `isRefused`: what is there turned out not to be its beginning. */
export async function decide(
  { pool, ask }: { readonly pool: Pool; readonly ask: AskAboutMeeting },
  met: Omit<Meeting, 'mayResume'> & { readonly to: Place; readonly isRefused: boolean },
  signal: AbortSignal,
): Promise<Decision | undefined> {
  const { item, group, there, to, isRefused } = met;
  if (there.kind === 'directory') throw new RemoteError('IsADirectory', t('There is a folder of this name.'), { path: to.path });
  const areFiles = item.kind === 'file' && there.kind === 'file';
  const isEmpty = areFiles && there.size === 0;
  // What is only compared in places must not be all that is left of a file.
  const mayResume = areFiles && there.size > 0 && there.size <= item.size && !isRefused && group.direction !== 'move';
  const isOpen = item.onExists === 'ask' || (item.onExists === 'resume' && !mayResume && !isEmpty);
  const way = isOpen ? await ask({ item, group, there, mayResume }, signal) : item.onExists;
  if (way === 'resume') return mayResume || isEmpty ? { path: to.path, resumes: mayResume } : undefined;
  if (way === 'overwrite') return { path: to.path, resumes: false };
  if (way === 'rename') return { path: await freePath(pool, to, signal), resumes: false };
  return way === 'newer' && isNewer(item, there) ? { path: to.path, resumes: false } : undefined;
}

export function lookAt(pool: Pool, { host, path }: Place, signal: AbortSignal): Promise<Attributes | undefined> {
  return pool.run(host, (remote, ended) => lstatIfThere(remote, path, { signal: ended }), { signal, lane: 'bulk', repeatable: true });
}

/** Some servers tell times by two seconds. */
const coarse = 2000;

/** For sure: what tells no time is not. */
function isNewer({ mtime }: TransferItem, there: Attributes): boolean {
  return mtime !== undefined && there.mtime !== undefined && mtime >= there.mtime + coarse;
}

/** `name copy.txt`, `name copy 2.txt` … */
async function freePath(pool: Pool, { host, path }: Place, signal: AbortSignal): Promise<string> {
  const name = basename(path);
  const dot = name.lastIndexOf('.');
  const [stem, end] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  for (let number = 1; ; number += 1) {
    const free = child(parent(path), `${stem} copy${number === 1 ? '' : ` ${number}`}${end}`);
    if ((await lookAt(pool, { host, path: free }, signal)) === undefined) return free;
  }
}
