import type { Memento } from 'vscode';

/** A remote folder that is remembered. */
export interface KeptFolder {
  /** Its address; never with a password. */
  readonly uri: string;
  /** As the person calls it; undefined: by its address. Raw: `safeText` it. */
  readonly name: string | undefined;
}

/** Folders that are remembered for the person, in all windows. */
export interface KeptFolders {
  readonly all: readonly KeptFolder[];
  /** In front of the others; one that is there already moves there, and gets the name. The last ones go where there are too many. */
  add(folder: KeptFolder): Promise<void>;
  /** Where it is. */
  rename(uri: string, name: string): Promise<void>;
  remove(uri: string): Promise<void>;
  clear(): Promise<void>;
}

export function createKeptFolders(state: Memento, key: string, most: number): KeptFolders {
  const read = (): readonly KeptFolder[] => {
    const kept: unknown = state.get(key);
    return Array.isArray(kept) ? kept.filter(isFolder).slice(0, most) : [];
  };
  return {
    get all() {
      return read();
    },
    add: async (folder) => state.update(key, [folder, ...read().filter(({ uri }) => uri !== folder.uri)].slice(0, most)),
    rename: async (uri, name) =>
      state.update(
        key,
        read().map((folder) => (folder.uri === uri ? { uri, name } : folder)),
      ),
    remove: async (uri) =>
      state.update(
        key,
        read().filter((folder) => folder.uri !== uri),
      ),
    clear: async () => state.update(key, undefined),
  };
}

function isFolder(value: unknown): value is KeptFolder {
  if (typeof value !== 'object' || value === null || !('uri' in value) || typeof value.uri !== 'string') return false;
  return !('name' in value) || value.name === undefined || typeof value.name === 'string';
}
