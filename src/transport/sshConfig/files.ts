import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A configuration is a few kilobytes. */
const largest = 1024 * 1024;
/** Files that one pattern may name. */
const mostFound = 500;

/**
 * The text of a configuration; undefined where there is none. As OpenSSH does, one that others may write is not trusted: what stands in it
 * is run and decides where passwords go. `warn` is told of what can't be read.
 */
export async function readConfigFile(file: string, isOwn: boolean, warn: (message: string) => void): Promise<string | undefined> {
  try {
    const { size, mode, uid } = await stat(file);
    if (isOwn && isOfOthers(mode, uid)) {
      warn(`${file} is not used: it belongs to somebody else, or others may write to it.`);
      return undefined;
    }
    if (size <= largest) return await readFile(file, 'utf8');
    warn(`${file} is not used: it is too large for a configuration of SSH.`);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') warn(`${file} can't be read: ${message}`);
  }
  return undefined;
}

function isOfOthers(mode: number, uid: number): boolean {
  if (process.getuid === undefined) return false;
  return (uid !== 0 && uid !== process.getuid()) || (mode & 0o022) !== 0;
}

/** The files that a pattern of an absolute path names (glob(7): `*`, `?`, `[…]`, none of them a `/` or a leading dot), sorted. */
export async function findFiles(pattern: string): Promise<readonly string[]> {
  const parts = pattern.split(process.platform === 'win32' ? /[/\\]+/ : /\/+/);
  let found = [parts[0] === '' ? '/' : `${parts[0] ?? ''}/`];
  for (const part of parts.slice(1)) found = (await Promise.all(found.map((folder) => below(folder, part)))).flat().slice(0, mostFound);
  return found;
}

async function below(folder: string, part: string): Promise<string[]> {
  if (part === '') return [folder];
  const plain = part.replace(/\\(.)/g, '$1');
  if (!/[*?[]/.test(part)) {
    const path = join(folder, plain);
    return (await stat(path).catch(() => undefined)) === undefined ? [] : [path];
  }
  const expression = toExpression(part);
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => expression.test(name) && (part.startsWith('.') || !name.startsWith('.')))
    .sort()
    .map((name) => join(folder, name));
}

function toExpression(pattern: string): RegExp {
  const source = pattern.replace(/\\(.)|\[(!|\^)?(\]?[^\]]*)\]|[*?]|[^\w]/g, (all, escaped?: string, not?: string, set?: string) => {
    if (all === '*') return '[^/]*';
    if (all === '?') return '[^/]';
    if (set !== undefined) return `[${not === undefined ? '' : '^'}${set.replace(/[\\\]]/g, '\\$&')}]`;
    return '\\' + (escaped ?? all);
  });
  try {
    return new RegExp(`^${source}$`, 's');
  } catch {
    return /^(?!)/;
  }
}
