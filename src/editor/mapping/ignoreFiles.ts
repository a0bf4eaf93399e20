import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type FolderRules, isIgnored, parseIgnorePatterns } from '../../core/mapping/ignorePatterns.ts';
import type { Mapping } from '../../core/mapping/mapping.ts';

/** In characters; a larger file of patterns is none. */
const largest = 1024 * 1024;

/** Which files below a mapping's local folder stay at home. */
export interface Ignoring {
  /** `relative`: as `relativeTo` gives it. */
  has(relative: string, isFolder?: boolean): Promise<boolean>;
}

/**
 * `folder`: the local folder's path on this computer. Reads each .ferryignore, and .gitignore where the mapping says so, once: to be made
 * anew for each piece of work, since these files are edited.
 */
export function createIgnoring(mapping: Mapping, folder: string): Ignoring {
  const known = new Map<string, Promise<FolderRules>>();
  const names = [...(mapping.useGitignore ? ['.gitignore'] : []), '.ferryignore'];

  const load = async (relative: string): Promise<FolderRules> => {
    const files = await Promise.all(names.map((name) => linesOf(join(folder, ...relative.split('/'), name))));
    // The mapping's own come first, so that a file in the folder can take them back.
    return parseIgnorePatterns([...(relative === '' ? mapping.ignore : []), ...files.flat()]);
  };
  const rulesIn = async (relative: string): Promise<FolderRules> => {
    const found = known.get(relative) ?? load(relative);
    known.set(relative, found);
    return found;
  };

  return {
    async has(relative, isFolder = false) {
      if (relative === '') return false;
      const names = relative.split('/');
      const folders = names.map((_, index) => names.slice(0, index).join('/'));
      const rules = new Map(await Promise.all(folders.map(async (each) => [each, await rulesIn(each)] as const)));
      return isIgnored(relative, (each) => rules.get(each), isFolder);
    },
  };
}

async function linesOf(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.length > largest ? [] : text.replace(/^\uFEFF/, '').split(/\r?\n/);
}
