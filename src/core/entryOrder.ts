import type { Kind } from './remote.ts';

export interface Ordered {
  readonly name: string;
  readonly kind: Kind;
  /** Of what a symbolic link leads to; undefined for a broken one, and for all else. */
  readonly leadsTo: Kind | undefined;
}

// Made when it is needed: its tables take longer to load than all else that runs when a window opens.
let names: Intl.Collator | undefined;

/** As the Explorer orders them: folders first, and links to folders among them; then by name, numbers in it by their value. */
export function compareEntries(one: Ordered, other: Ordered): number {
  const folders = Number(isFolderLike(other)) - Number(isFolderLike(one));
  if (folders !== 0) return folders;
  names ??= new Intl.Collator(undefined, { numeric: true });
  const byName = names.compare(one.name, other.name);
  if (byName !== 0) return byName;
  return one.name < other.name ? -1 : 1;
}

/** A folder, or a link to one. */
export function isFolderLike({ kind, leadsTo }: Pick<Ordered, 'kind' | 'leadsTo'>): boolean {
  return kind === 'directory' || (kind === 'symlink' && leadsTo === 'directory');
}
