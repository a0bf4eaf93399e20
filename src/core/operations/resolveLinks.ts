import { child } from '../path.ts';
import type { Call, Entry, Kind, Remote } from '../remote.ts';
import { forEachBounded } from './bounded.ts';
import { statBehind } from './describeEntry.ts';

/**
 * What the symbolic links of a listing lead to, by name; undefined for one that leads nowhere or where this login may not look.
 * Only entries of kind `symlink` are in the result.
 */
export async function resolveLinks(
  remote: Remote,
  folder: string,
  entries: readonly Entry[],
  call: Call = {},
): Promise<ReadonlyMap<string, Kind | undefined>> {
  const kinds = new Map<string, Kind | undefined>();
  const links = entries.filter((entry) => entry.kind === 'symlink');
  await forEachBounded(links, remote.facts.parallel, async ({ name }) => {
    kinds.set(name, (await statBehind(remote, child(folder, name), call))?.kind);
  });
  return kinds;
}
