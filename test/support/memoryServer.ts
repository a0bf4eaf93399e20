import { RemoteError } from '../../src/core/errors.ts';
import { basename, parent, resolveTarget } from '../../src/core/path.ts';
import type { Attributes, Kind } from '../../src/core/remote.ts';

/** What a folder's name stands for; several names may share one (hard links). */
export interface Inode {
  kind: Kind;
  bytes: Uint8Array;
  children: Map<string, Inode>;
  /** Of a symbolic link. */
  target: string;
  mode: number;
  mtime: number;
  owner: string;
  group: string;
  links: number;
}

/** A file system in memory; outlives the connections to it. */
export class MemoryServer {
  readonly root: Inode;
  /** Seconds of its clock; every change takes one. */
  time = 1_700_000_000;
  /** What new files belong to. */
  owner = '1000';
  group = '1000';
  /** Undefined: without end. */
  capacity: number | undefined;

  constructor() {
    this.root = this.make('directory', 0o755);
  }

  make(kind: Kind, mode: number): Inode {
    const { owner, group } = this;
    return { kind, bytes: new Uint8Array(), children: new Map(), target: '', mode, mtime: this.tick(), owner, group, links: 1 };
  }

  tick(): number {
    this.time += 1;
    return this.time * 1000;
  }

  /** Follows links in folders, and the last one with `follow`. */
  find(path: string, follow: boolean, hops = 0): Inode | undefined {
    if (hops > 40) return undefined;
    let inode = this.root;
    let at = '';
    const names = path.split('/').filter((name) => name !== '');
    for (const [index, name] of names.entries()) {
      const next = inode.kind === 'directory' ? inode.children.get(name) : undefined;
      if (next === undefined) return undefined;
      at = `${at}/${name}`;
      if (next.kind === 'symlink' && (follow || index < names.length - 1)) {
        const rest = names.slice(index + 1).join('/');
        return this.find(resolveTarget(at, next.target) + (rest === '' ? '' : `/${rest}`), follow, hops + 1);
      }
      inode = next;
    }
    return inode;
  }

  /** The folder that holds `path`. */
  folderOf(path: string): Inode {
    const folder = this.find(parent(path), true);
    if (folder === undefined) throw new RemoteError('NotFound', 'No such folder.', { path: parent(path) });
    if (folder.kind !== 'directory') throw new RemoteError('NotADirectory', 'Not a folder.', { path: parent(path) });
    return folder;
  }

  // What a test sets up and looks at.

  file(path: string, content: string | Uint8Array, mode = 0o644): Inode {
    this.folder(parent(path));
    const inode = this.make('file', mode);
    inode.bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    this.folderOf(path).children.set(basename(path), inode);
    return inode;
  }

  folder(path: string, mode = 0o755): Inode {
    const existing = this.find(path, true);
    if (existing !== undefined) return existing;
    this.folder(parent(path));
    const inode = this.make('directory', mode);
    this.folderOf(path).children.set(basename(path), inode);
    return inode;
  }

  link(path: string, target: string): Inode {
    const inode = this.make('symlink', 0o777);
    inode.target = target;
    this.folderOf(path).children.set(basename(path), inode);
    return inode;
  }

  text(path: string): string | undefined {
    const inode = this.find(path, true);
    return inode === undefined ? undefined : new TextDecoder().decode(inode.bytes);
  }

  names(path = '/'): string[] {
    return [...(this.find(path, true)?.children.keys() ?? [])].toSorted();
  }
}

/** As a server tells them; a terse one keeps owner, group, mode and links to itself. */
export function attributesOf({ kind, bytes, mtime, mode, owner, group, links, target }: Inode, terse: boolean): Attributes {
  return {
    kind,
    size: kind === 'file' ? bytes.length : 0,
    mtime,
    mode: terse ? undefined : mode,
    owner: terse ? undefined : owner,
    group: terse ? undefined : group,
    links: terse ? undefined : links,
    target: kind === 'symlink' ? target : undefined,
    writable: undefined,
  };
}
