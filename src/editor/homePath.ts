import { homedir } from 'node:os';
import { join } from 'node:path';

/** The whole path of a file that is written with `~` for the person's home. */
export function wholePath(path: string): string {
  return /^~[/\\]/.test(path) ? join(homedir(), path.slice(2)) : path;
}

/** The path of a file as it is shown: with `~` where it is in the person's home. */
export function shortPath(path: string): string {
  const home = homedir();
  return path.startsWith(home) && /^[/\\]/.test(path.slice(home.length)) ? `~${path.slice(home.length)}` : path;
}
