import { join } from 'node:path';

/** Where the development tools keep things: all of it git-ignored, nothing of it outside of the repository. */
export const repository = join(import.meta.dirname, '..', '..');
export const toolsFolder = join(repository, '.vscode-test');
export const distFolder = join(repository, 'dist');
const binFolder = join(repository, 'node_modules', '.bin');

/** The environment for commands of ours: the repository's Node and tools come first. */
export function environment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const separator = process.platform === 'win32' ? ';' : ':';
  return { ...process.env, PATH: `${binFolder}${separator}${process.env['PATH'] ?? ''}`, ...extra };
}
