import { isRemoteError } from '../errors.ts';
import type { Attributes, Call, Remote } from '../remote.ts';

export interface Description {
  readonly entry: Attributes;
  /** What a symbolic link leads to, undefined for a broken one; `entry` itself for all else. */
  readonly target: Attributes | undefined;
}

/** An entry and where it leads; one flight where the server takes several calls at once. */
export async function describeEntry(remote: Remote, path: string, call: Call): Promise<Description> {
  if (remote.facts.parallel === 1) {
    const entry = await remote.lstat(path, call);
    return { entry, target: entry.kind === 'symlink' ? await statBehind(remote, path, call) : entry };
  }
  const [entry, target] = await Promise.allSettled([remote.lstat(path, call), statBehind(remote, path, call)]);
  if (entry.status === 'rejected') throw entry.reason;
  if (entry.value.kind !== 'symlink') return { entry: entry.value, target: entry.value };
  if (target.status === 'rejected') throw target.reason;
  return { entry: entry.value, target: target.value };
}

/** What a link leads to; undefined for one that leads nowhere, in a circle or where this login may not look. A lost connection is none of these. */
export async function statBehind(remote: Remote, path: string, call: Call): Promise<Attributes | undefined> {
  try {
    return await remote.stat(path, call);
  } catch (error) {
    if (isRemoteError(error) && !error.dropsConnection && error.code !== 'Cancelled') return undefined;
    throw error;
  }
}
