import { isRemoteError } from '../errors.ts';
import type { Attributes, Call, Remote } from '../remote.ts';

/**
 * Gives the new file at `path` the group and mode of the one that it will replace. Resolves to whether they — and the owner, which
 * can't be given — are the same now, as far as the server tells. `fresh`: the new file's attributes.
 */
export async function carryOver(remote: Remote, path: string, fresh: Attributes, before: Attributes, call: Call): Promise<boolean> {
  if (differ(fresh.owner, before.owner)) return false;
  const { group, mode } = before;
  const otherGroup = group !== undefined && differ(fresh.group, group);
  if (otherGroup && !(await attempt(remote.chgrp?.(path, group, call)))) return false;
  // Where changing the group cleared the set-id bits, the mode is given again.
  const otherMode = mode !== undefined && (differ(fresh.mode, mode) || (otherGroup && (mode & 0o7000) !== 0));
  return !otherMode || attempt(remote.chmod?.(path, mode, call));
}

/** Gives what was just made at `path` a mode, best effort: what it was made with, the server may have masked. `fresh`: what is known of it. */
export async function giveMode(
  remote: Remote,
  path: string,
  fresh: Pick<Attributes, 'mode'> | undefined,
  mode: number | undefined,
  call: Call,
): Promise<void> {
  if (mode === undefined || fresh?.mode === mode) return;
  await attempt(remote.chmod?.(path, mode, { ...call, unexplained: true }));
}

function differ<T>(one: T | undefined, other: T | undefined): boolean {
  return one !== undefined && other !== undefined && one !== other;
}

/** False where the server has no such command or refuses it. */
async function attempt(change: Promise<void> | undefined): Promise<boolean> {
  if (change === undefined) return false;
  try {
    await change;
    return true;
  } catch (error) {
    if (isRemoteError(error) && !error.dropsConnection && error.code !== 'Cancelled') return false;
    throw error;
  }
}
