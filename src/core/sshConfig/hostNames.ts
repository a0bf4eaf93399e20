import { isAddress } from '../authority.ts';
import { includedFiles } from './includes.ts';
import { parseLines } from './lines.ts';
import type { ConfigSource, SshConfigWorld } from './world.ts';

const deepest = 16;
const mostFiles = 1000;
/** More names than a person can choose from. */
const mostNames = 5000;

/** What a configuration holds for a list of hosts. */
export interface ConfigNames {
  /** The hosts that have a name of their own: of `Host` lines, without wildcards and negations, in the order of the files. */
  readonly names: readonly string[];
  /** All files and folders that it was read from, or would be if they were there. */
  readonly files: readonly string[];
}

/** The names in all files; nothing is executed, and `Match` lines name nobody. */
export async function configNames(world: Pick<SshConfigWorld, 'sources' | 'read' | 'find'>): Promise<ConfigNames> {
  const names = new Map<string, string>();
  const files = new Set<string>();
  let count = 0;
  const add = (name: string) => {
    const key = name.toLowerCase();
    if (names.size < mostNames && !names.has(key)) names.set(key, name);
  };
  const read = async (file: string, source: ConfigSource, depth: number): Promise<void> => {
    files.add(file);
    if (depth > deepest || ++count > mostFiles) return;
    for (const { keyword, words } of parseLines((await world.read(file)) ?? '')) {
      if (keyword === 'host') words.filter(isConcrete).forEach(add);
      if (keyword !== 'include') continue;
      for (const found of await includedFiles(words, source, world)) await read(found, source, depth + 1);
    }
  };
  for (const source of world.sources) await read(source.file, source, 0);
  return { names: [...names.values()], files: [...files] };
}

function isConcrete(word: string): boolean {
  return !/[*?!]/.test(word) && isAddress(word);
}
