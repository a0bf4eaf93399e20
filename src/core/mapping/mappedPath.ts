import { child, contains, normalize } from '../path.ts';
import type { Mapping } from './mapping.ts';

/** The mapping whose local folder is the nearest to `local`, absolute; undefined: it is in none. */
export function nearest(mappings: readonly Mapping[], local: string): Mapping | undefined {
  const [first] = mappings
    .filter((mapping) => contains(mapping.local, local))
    .toSorted((one, other) => other.local.length - one.local.length);
  return first;
}

/** Below the mapping's folder, `/` between names, without one in front; empty for the folder itself. */
export function relativeTo(mapping: Mapping, local: string): string {
  return local === mapping.local ? '' : local.slice(mapping.local === '/' ? 1 : mapping.local.length + 1);
}

/** `relative`, as `relativeTo` gives it, below another folder. Throws `BadPath` for a name that would lead elsewhere. */
export function below(folder: string, relative: string): string {
  return relative === '' ? normalize(folder) : relative.split('/').reduce(child, normalize(folder));
}
