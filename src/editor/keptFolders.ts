import type { Memento } from 'vscode';
import { createEmitter, type Event } from '../core/events.ts';

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
  /** In this window. */
  readonly onDidChange: Event<undefined>;
  /** In front of the others; one that is there already moves there, and gets the name. The last ones go where there are too many. */
  add(folder: KeptFolder): Promise<void>;
  /** Where it is. */
  rename(uri: string, name: string): Promise<void>;
  remove(uri: string): Promise<void>;
  /** Puts them into another order, by their addresses; those that `order` leaves out go. */
  arrange(order: (uris: readonly string[]) => readonly string[]): Promise<void>;
  clear(): Promise<void>;
}

export function createKeptFolders(state: Memento, key: string, most: number): KeptFolders {
  const read = (): readonly KeptFolder[] => {
    const kept: unknown = state.get(key);
    return Array.isArray(kept) ? kept.filter(isFolder).slice(0, most) : [];
  };
  const changes = createEmitter<undefined>();
  const write = async (folders: readonly KeptFolder[] | undefined) => {
    await state.update(key, folders);
    changes.fire(undefined);
  };
  return {
    get all() {
      return read();
    },
    onDidChange: changes.event,
    add: (folder) => write([folder, ...read().filter(({ uri }) => uri !== folder.uri)].slice(0, most)),
    rename: (uri, name) => write(read().map((folder) => (folder.uri === uri ? { uri, name } : folder))),
    remove: (uri) => write(read().filter((folder) => folder.uri !== uri)),
    arrange(order) {
      const kept = new Map(read().map((folder) => [folder.uri, folder]));
      return write(order([...kept.keys()]).flatMap((uri) => kept.get(uri) ?? []));
    },
    clear: () => write(undefined),
  };
}

function isFolder(value: unknown): value is KeptFolder {
  if (typeof value !== 'object' || value === null || !('uri' in value) || typeof value.uri !== 'string') return false;
  return !('name' in value) || value.name === undefined || typeof value.name === 'string';
}
