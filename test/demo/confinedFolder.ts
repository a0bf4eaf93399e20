import { readlink, realpath } from 'node:fs/promises';
import { join, posix, relative, sep } from 'node:path';

/**
 * A folder of the local disk as a server shows it: `/` is the folder, and no path, link or name leads out of it.
 * What leads out is `ENOENT`, as if it were not there.
 */
export interface ConfinedFolder {
  /** The local path of the entry itself; only its parents are followed. */
  entry(path: string): Promise<string>;
  /** The local path of what `path` leads to, links followed. */
  followed(path: string): Promise<string>;
  /** A link's content as a client may see it. */
  readTarget(path: string): Promise<string>;
  /** What to store for a link that a client asks for. */
  storedTarget(target: string): string;
}

export async function confineTo(folder: string): Promise<ConfinedFolder> {
  const root = await realpath(folder);
  const isInside = (path: string): boolean => path === root || path.startsWith(root + sep);
  const local = (path: string): string => join(root, ...names(path));

  const followed = async (path: string): Promise<string> => {
    const real = await realpath(local(path));
    if (!isInside(real)) throw missing(path);
    return real;
  };
  const entry = async (path: string): Promise<string> => {
    const last = names(path).at(-1);
    return last === undefined ? root : join(await followed(posix.dirname(posix.normalize(path))), last);
  };
  const readTarget = async (path: string): Promise<string> => {
    const target = await readlink(await entry(path));
    return isInside(target) ? `/${relative(root, target).split(sep).join('/')}` : target;
  };
  return { entry, followed, readTarget, storedTarget: (target) => (target.startsWith('/') ? local(target) : target) };
}

/** `..` never leads above `/`. */
function names(path: string): string[] {
  const all = posix
    .normalize(`/${path}`)
    .split('/')
    .filter((name) => name !== '');
  /* On Windows these would be more than a name. */
  if (all.some((name) => name.includes('\0') || (sep === '\\' && /[\\:]/.test(name)))) throw missing(path);
  return all;
}

function missing(path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`ENOENT: no such file or directory, '${path}'`), { code: 'ENOENT' });
}
