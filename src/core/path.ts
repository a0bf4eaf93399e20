import { RemoteError } from './errors.ts';

/**
 * Paths on a server: absolute, `/` between names, normalised, `/` alone for the root. Strings in memory; the transport turns
 * them into the server's bytes (`core/charset.ts`). No function here ever yields a path outside of what it was given.
 */

const forbidden = /[/\0\r\n]/;

/** Whether a name from a listing or from a person can name an entry of a folder. Listings are hostile input. */
export function isSafeName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !forbidden.test(name);
}

/** `name` within `folder`. Throws `BadPath` for a name that would lead elsewhere (`/`, `..`, NUL) or break a command (CR, LF). */
export function child(folder: string, name: string): string {
  if (!isSafeName(name)) throw new RemoteError('BadPath', `The name ${JSON.stringify(name)} can't be used on a server.`, { path: folder });
  return folder === '/' ? `/${name}` : `${folder}/${name}`;
}

/** Whether a text from a server can be a path at all. */
export function isPath(text: string): boolean {
  return text !== '' && !/[\0\r\n]/.test(text);
}

/** The folder that holds `path`; the root is its own parent. */
export function parent(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? '/' : path.slice(0, slash);
}

/** The last name of `path`; empty for the root. */
export function basename(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** An absolute path in normal form: `.`, `..` (never above the root), doubled and trailing slashes resolved. Throws `BadPath` for NUL, CR, LF. */
export function normalize(path: string): string {
  if (/[\0\r\n]/.test(path)) throw new RemoteError('BadPath', 'A path with a line break or NUL in it can not be used on a server.');
  const names: string[] = [];
  for (const name of path.split('/')) {
    if (name === '..') names.pop();
    else if (name !== '' && name !== '.') names.push(name);
  }
  return `/${names.join('/')}`;
}

/** What `target`, as a symbolic link at `link` holds it, points to. */
export function resolveTarget(link: string, target: string): string {
  return normalize(target.startsWith('/') ? target : `${parent(link)}/${target}`);
}

/** Whether `path` is `folder` or lies below it. */
export function contains(folder: string, path: string): boolean {
  return folder === '/' || path === folder || path.startsWith(`${folder}/`);
}
