import { isRemoteError, RemoteError } from '../errors.ts';
import type { SaveMode } from '../host.ts';
import { t } from '../l10n.ts';
import { contains, parent, resolveTarget } from '../path.ts';
import type { Attributes, Call, Remote } from '../remote.ts';

/** The file that a save of some path ends up in. */
export interface SaveTarget {
  /** Links resolved; the path as given where only the server can resolve them (`resolved` is false). */
  readonly path: string;
  /** Undefined: there is no such file. */
  readonly attributes: Attributes | undefined;
  readonly resolved: boolean;
}

/** As many links as Linux follows. */
const maxLinks = 40;

/** Follows symbolic links, so that the file they lead to is replaced and not the link. `Unknown` for a loop. */
export async function findSaveTarget(remote: Remote, path: string, call: Call): Promise<SaveTarget> {
  let current = path;
  for (let hops = 0; hops <= maxLinks; hops += 1) {
    const attributes = await lstatIfThere(remote, current, call);
    if (attributes?.kind !== 'symlink') return { path: current, attributes, resolved: true };
    const next = await followLink(remote, current, attributes, call);
    if (next === undefined) return { path, attributes: await statIfThere(remote, path, call), resolved: false };
    current = next;
  }
  throw new RemoteError('Unknown', t('The symbolic link leads to itself.'), { path });
}

/** Undefined where the text of the link does not tell for sure where it leads. */
async function followLink(remote: Remote, link: string, attributes: Attributes, call: Call): Promise<string | undefined> {
  const target = attributes.target ?? (await remote.readLink?.(link, call));
  if (target === undefined || target === '' || target.includes('\uFFFD')) return undefined;
  const next = resolveTarget(link, target);
  return (await isLexical(remote, link, target, call)) ? next : undefined;
}

/** `..` in a link means the parent of the real folder, which is not the one in the path where that leads through another link. */
async function isLexical(remote: Remote, link: string, target: string, call: Call): Promise<boolean> {
  const names = target.split('/').filter((name) => name !== '' && name !== '.');
  if (!names.includes('..')) return true;
  if (target.startsWith('/')) return false;
  if (names.some((name, index) => name === '..' && index > 0 && names[index - 1] !== '..')) return false;
  const kept = resolveTarget(link, names.filter((name) => name === '..').join('/'));
  const popped: string[] = [];
  for (let folder = parent(link); folder !== kept && contains(kept, folder); folder = parent(folder)) popped.push(folder);
  const looks = await Promise.allSettled(popped.map((folder) => remote.lstat(folder, call)));
  return looks.every((look) => look.status === 'fulfilled' && look.value.kind === 'directory');
}

/** `auto`: what replacing would lose, or what its owner does not want written — then the server decides. */
export function needsInPlace(
  { resolved }: Pick<SaveTarget, 'resolved'>,
  { links, mode, writable }: Attributes,
  saveMode: SaveMode,
): boolean {
  if (saveMode === 'inPlace' || !resolved) return true;
  if (saveMode === 'replace') return false;
  return (links !== undefined && links > 1) || (mode !== undefined && (mode & 0o222) === 0) || writable === false;
}

export async function lstatIfThere(remote: Remote, path: string, call: Call): Promise<Attributes | undefined> {
  return undefinedIfMissing(remote.lstat(path, call));
}

async function statIfThere(remote: Remote, path: string, call: Call): Promise<Attributes | undefined> {
  return undefinedIfMissing(remote.stat(path, call));
}

async function undefinedIfMissing(look: Promise<Attributes>): Promise<Attributes | undefined> {
  try {
    return await look;
  } catch (error) {
    if (isRemoteError(error, 'NotFound')) return undefined;
    throw error;
  }
}
