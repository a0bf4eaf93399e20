import { FileChangeType, type FileChangeEvent, type TreeItem, type Uri } from 'vscode';
import { compareEntries } from '../../core/entryOrder.ts';
import { RemoteError, toRemoteError } from '../../core/errors.ts';
import type { Disposable } from '../../core/events.ts';
import type { Host } from '../../core/host.ts';
import { t } from '../../core/l10n.ts';
import { child, contains, parent } from '../../core/path.ts';
import type { Pool } from '../../core/pool.ts';
import type { ListedEntry, Looks } from '../looks.ts';
import { type Location, uriOf } from '../uri.ts';
import type { Watch } from '../watch.ts';
import { fileItem, fileTooltip, noteItem } from './fileItem.ts';
import { type FileRow, type FolderRow, hostRowOf, type NoteRow, ownRow } from './rows.ts';

export interface FileRowsParts {
  readonly pool: Pool;
  readonly looks: Pick<Looks, 'entries' | 'stat'>;
  readonly watch: Watch;
  readonly locate: (uri: Uri) => Location;
  /** Saved, or of the ssh config; undefined: there is none of that name any more. */
  findHost(name: string): Host | undefined;
}

/** The rows under hosts. A folder is listed when it is first expanded, and again only after something changed there. */
export interface FileRows extends Disposable {
  /** Never rejects: what went wrong is a row. Connects the host, as a person asked for it. */
  readonly childrenOf: (row: FolderRow) => Promise<readonly (FileRow | NoteRow)[]>;
  itemOf(row: FileRow | NoteRow): TreeItem;
  /** Of the entry as it is now. */
  tooltipOf(row: FileRow): Promise<string>;
  /** The folder that a row stands for; of a file, the one that it is in. */
  folderOf(row: FolderRow): Promise<Location>;
  /**
   * What is under it is listed anew, as a person asked for it; undefined: everything, where there are connections. What is under `renewed`
   * stays until `renew` has listed it.
   */
  forget(row?: FolderRow, renewed?: readonly FolderRow[]): void;
  /** As `childrenOf`, always listed anew; what asks for them meanwhile has those that are known. */
  readonly renew: (row: FolderRow) => Promise<unknown>;
  /** The same of hosts that have gone, or that are others now by their settings: their rows are of files elsewhere. */
  forgetEdited(): void;
  /** The rows to be drawn anew after these changes. */
  changed(events: readonly FileChangeEvent[]): readonly FolderRow[];
  /** The rows of folders of this host that could not be listed. */
  failedOn(hostName: string): readonly FolderRow[];
  /** Only while it is shown somebody wants to know of changes by others. */
  show(row: FolderRow, isShown: boolean): void;
}

interface Shown {
  readonly row: FolderRow;
  readonly folder: Location;
  readonly children: readonly (FileRow | NoteRow)[];
  watching: Disposable | undefined;
}

interface HostFacts {
  readonly home: string;
  readonly hasModes: boolean;
}

type KnownRow = { -readonly [Name in keyof FileRow]: FileRow[Name] };

export function createFileRows(parts: FileRowsParts): FileRows {
  const { pool, looks, watch } = parts;
  const rows = new Map<string, KnownRow>();
  const shown = new Map<string, Shown>();
  const loading = new Map<string, Promise<readonly (FileRow | NoteRow)[]>>();
  const outdated = new WeakSet<FileRow>();
  const facts = new Map<string, HostFacts>();

  /** For each listing that goes on: the folders in which something changed since it began. */
  const overtaken = new Set<Set<string>>();

  /** Again where something changed meanwhile; of what changes on and on there will be further events. */
  const entriesOf = async (folder: Location, attempts = 4): Promise<readonly ListedEntry[]> => {
    const changedMeanwhile = new Set<string>();
    overtaken.add(changedMeanwhile);
    const entries = await looks.entries(folder).finally(() => overtaken.delete(changedMeanwhile));
    return changedMeanwhile.has(folder.key) && attempts > 1 ? entriesOf(folder, attempts - 1) : entries;
  };

  /** Of folders that were shown before: nobody asked for just them to be listed again. */
  const relisted = new Set<string>();

  const hostOf = (row: FolderRow): Host => {
    if (row.kind !== 'host') return parts.locate(row.uri).host;
    const host = parts.findHost(row.name);
    if (host === undefined) throw new RemoteError('NotFound', t('There is no host of this name any more.'), { host: row.name });
    return host;
  };
  const hostNow = (row: FolderRow): Host | undefined => {
    const of = hostRowOf(row);
    return of && parts.findHost(of.name);
  };
  const idOf = (row: FolderRow): string => {
    if (row.kind === 'host') return `host:${row.name.toLowerCase()}`;
    return row.kind === 'bookmark' ? `bookmark:${row.address}` : parts.locate(row.uri).key;
  };

  const factsOf = async (host: Host): Promise<HostFacts> => {
    if (pool.state(host.name).state !== 'connected') await pool.connect(host);
    const found = await pool.run(host, (remote) => Promise.resolve({ home: remote.facts.home, hasModes: remote.chmod !== undefined }), {
      repeatable: true,
    });
    facts.set(host.name, found);
    return found;
  };

  const folderOf = async (row: FolderRow): Promise<Location> => {
    if (row.kind !== 'host') return parts.locate(row.uri);
    const host = hostOf(row);
    return parts.locate(uriOf(host, host.root ?? (facts.get(host.name) ?? (await factsOf(host))).home));
  };

  const rowOf = (under: FolderRow, folder: Location, entry: ListedEntry): FileRow => {
    const uri = uriOf(folder.host, child(folder.path, entry.name));
    const { key } = parts.locate(uri);
    const hasModes = facts.get(folder.host.name)?.hasModes ?? false;
    const known = rows.get(key);
    if (known?.under === under) {
      Object.assign(known, { uri, entry, hasModes });
      outdated.delete(known);
      return known;
    }
    const row: KnownRow = ownRow({ kind: 'file', uri, entry, under, hasModes });
    rows.set(key, row);
    return row;
  };

  const load = async (row: FolderRow): Promise<readonly (FileRow | NoteRow)[]> => {
    const id = idOf(row);
    const keep = (folder: Location, children: Shown['children']) => {
      shown.get(id)?.watching?.dispose();
      const [first] = children;
      shown.set(id, { row, folder, children, watching: first?.kind === 'note' ? undefined : watch.add(folder, false) });
      return children;
    };
    const host = hostOf(row);
    const isDemanded = !relisted.delete(id);
    try {
      const isConnected = pool.state(host.name).state === 'connected';
      if (!isConnected && !isDemanded) throw new RemoteError('Unreachable', t('Not connected.'));
      if (!isConnected || !facts.has(host.name)) await factsOf(host);
      const folder = await folderOf(row);
      const entries = await entriesOf(folder);
      return keep(
        folder,
        entries.toSorted(compareEntries).map((entry) => rowOf(row, folder, entry)),
      );
    } catch (error) {
      const reason = toRemoteError(error).with({ host: host.name });
      const folder = parts.locate(row.kind === 'host' ? uriOf(host, host.root ?? '/') : row.uri);
      return keep(folder, [ownRow({ kind: 'note', under: row, reason })]);
    }
  };

  const drop = (id: string, { watching }: Shown) => {
    watching?.dispose();
    shown.delete(id);
    relisted.add(id);
  };
  const forgetBelow = (key: string, renewed: readonly FolderRow[] = []) => {
    for (const [id, each] of [...shown]) {
      if (!contains(key, each.folder.key)) continue;
      if (renewed.includes(each.row)) relisted.add(id);
      else drop(id, each);
    }
  };
  const list = (row: FolderRow): Promise<readonly (FileRow | NoteRow)[]> => {
    const id = idOf(row);
    const running = loading.get(id) ?? load(row).finally(() => loading.delete(id));
    loading.set(id, running);
    return running;
  };

  const keyAt = (uri: Uri): string | undefined => {
    try {
      return parts.locate(uri).key;
    } catch {
      // Its host was removed meanwhile.
      return undefined;
    }
  };

  return {
    childrenOf(row) {
      const known = shown.get(idOf(row));
      return known === undefined ? list(row) : Promise.resolve(known.children);
    },
    renew: list,
    itemOf: (row) => (row.kind === 'note' ? noteItem(row) : fileItem(row, `file:${keyAt(row.uri) ?? row.uri.toString()}`)),
    async tooltipOf(row) {
      if (outdated.has(row) && row.entry.kind === 'file') {
        const { size, mtime } = await looks.stat(row.uri, parts.locate(row.uri));
        Object.assign(row, { entry: { ...row.entry, size, mtime: mtime === 0 ? undefined : mtime } });
        outdated.delete(row);
      }
      return fileTooltip(row.entry);
    },
    folderOf: (row) => (row.kind === 'file' && !isListed(row) ? folderOf(row.under) : folderOf(row)),
    forget(row, renewed) {
      const known = row && shown.get(idOf(row));
      if (row === undefined) forgetBelow('/', renewed);
      else if (known !== undefined) forgetBelow(known.folder.key, renewed);
      if (row !== undefined) relisted.delete(idOf(row));
    },
    forgetEdited() {
      for (const [id, each] of [...shown]) if (!isSame(each.folder.host, hostNow(each.row))) drop(id, each);
    },
    changed(events) {
      const redrawn = new Set<FolderRow>();
      for (const { type, uri } of events) {
        const key = keyAt(uri);
        const row = key === undefined ? undefined : rows.get(key);
        if (key === undefined) continue;
        const isContent = type === FileChangeType.Changed && row !== undefined && !isListed(row);
        if (isContent) {
          outdated.add(row);
          redrawn.add(row);
          continue;
        }
        const folders = type === FileChangeType.Changed ? [key] : [key, parent(key)];
        for (const keys of overtaken) folders.forEach((folder) => keys.add(folder));
        for (const [id, each] of [...shown]) {
          if (!folders.includes(each.folder.key)) continue;
          drop(id, each);
          redrawn.add(each.row);
        }
        if (type === FileChangeType.Deleted) forgetBelow(key);
      }
      return [...redrawn];
    },
    failedOn: (hostName) =>
      [...shown.values()]
        .filter(({ row, children: [first] }) => first?.kind === 'note' && hostOf(row).name === hostName)
        .map(({ row }) => row),
    show(row, isShown) {
      const known = shown.get(idOf(row));
      if (known === undefined || known.children[0]?.kind === 'note') return;
      known.watching?.dispose();
      known.watching = isShown ? watch.add(known.folder, false) : undefined;
    },
    dispose: () => forgetBelow('/'),
  };
}

/** But for how it is shown. */
function isSame(host: Host, now: Host | undefined): boolean {
  const facts = (of: Host) => JSON.stringify({ ...of, look: undefined });
  return now !== undefined && facts(host) === facts(now);
}

/** Whether entries are under the row. */
export function isListed({ entry }: FileRow): boolean {
  return entry.kind === 'directory' || entry.leadsTo === 'directory';
}
