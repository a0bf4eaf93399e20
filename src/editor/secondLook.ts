import type { Bases } from '../core/bases.ts';
import { isRemoteError } from '../core/errors.ts';
import type { Disposable } from '../core/events.ts';
import { heldLimit } from '../core/heldContents.ts';
import type { Host } from '../core/host.ts';
import { readBytes } from '../core/operations/readFile.ts';
import { hashLimit, hashOf, type Version } from '../core/operations/version.ts';
import type { Pool } from '../core/pool.ts';
import type { Remote } from '../core/remote.ts';
import type { History } from './history.ts';
import type { OvertakenSave } from './overtakenSaves.ts';
import type { OwedLooks, SavedFile } from './owedLooks.ts';
import type { Location } from './uri.ts';

/** So long after a save, in ms: whoever had looked at the file before it has renamed theirs over it by then. */
const patience = 2000;
/** While a host stays connected, what other windows have left is looked for so often, in ms. The pool tells each task that begins and ends. */
const takingTime = 60_000;

export interface SecondLook extends Disposable {
  /** The file was just saved. */
  after(location: Location, version: Version, content: Uint8Array): void;
  /** The window ends: what it still owes is left to the next one. */
  end(): Promise<void>;
}

export interface SecondLookParts {
  readonly pool: Pool;
  readonly bases: Bases;
  readonly history: Pick<History, 'versions'>;
  readonly owed: OwedLooks;
  findHost(name: string): Host | undefined;
  place(host: Host, path: string): Location;
  /** Most bytes of contents that are kept on this computer. */
  keptBytes(): number;
  /** The file was changed by somebody else. */
  announce(location: Location): void;
  /** Tells the person. */
  tell(save: OvertakenSave): Promise<void>;
}

/**
 * Two people who save at the same moment both find the file unchanged, and the later one replaces what the earlier one has just saved. No
 * server tells the later one; so the earlier one looks once more, and is told. A look that is owed is noted on disk: where the window ends
 * before it, or the connection is lost, it is done at the next connection, by whichever window has it.
 */
export function createSecondLook(parts: SecondLookParts, wait = patience): SecondLook {
  const { pool, bases, owed } = parts;
  const timers = new Map<string, { readonly location: Location; readonly timer: NodeJS.Timeout }>();
  /** By host: to look whether other windows have ended without what they owed. */
  const later = new Map<string, NodeJS.Timeout>();

  const look = async (location: Location, saved: SavedFile): Promise<void> => {
    const { host, path, key } = location;
    const theirs = await isTheirs(pool, location, saved.version);
    // A later save has a look of its own.
    if (timers.has(key)) return;
    await owed.settle(host, path);
    if (!theirs || bases.get(key) === undefined) return;
    parts.announce(location);
    await parts.tell({ location, mine: saved.content, time: saved.time, late: false });
  };

  const lookLate = async (host: Host, saved: SavedFile): Promise<void> => {
    const location = parts.place(host, saved.path);
    const isReplaced = (await parts.history.versions(location)).some(({ hash, time }) => hash === saved.version.hash && time >= saved.time);
    // This person's own later save kept it as an earlier version.
    const theirs = !isReplaced && (await isTheirs(pool, location, saved.version));
    await owed.settle(host, saved.path);
    if (!theirs) return;
    parts.announce(location);
    await parts.tell({ location, mine: saved.content, time: saved.time, late: true });
  };

  const unlessLost = async (host: Host, path: string, work: Promise<void>): Promise<void> => {
    await work.catch((error: unknown) => (isRemoteError(error, 'NotFound') ? owed.settle(host, path) : owed.leave(host, path)));
  };

  const takeOver = async (name: string): Promise<void> => {
    const host = parts.findHost(name);
    if (!host) return;
    const { taken, others } = await owed.take(host);
    clearTimeout(later.get(name));
    // A window that is being reloaded may not have ended yet.
    if (others)
      later.set(
        name,
        setTimeout(() => void takeOver(name).catch(ignore), 5 * wait),
      );
    for (const saved of taken) void unlessLost(host, saved.path, lookLate(host, saved)).catch(ignore);
  };
  const takenAt = new Map<string, number>();
  const states = pool.onDidChangeState((name) => {
    if (pool.state(name).state !== 'connected') {
      takenAt.delete(name);
      return;
    }
    const now = performance.now();
    if (now - (takenAt.get(name) ?? -Infinity) < takingTime) return;
    takenAt.set(name, now);
    takeOver(name).catch(ignore);
  });

  return {
    after(location, version, content) {
      const { host, path, key } = location;
      clearTimeout(timers.get(key)?.timer);
      const saved: SavedFile = { path, version, time: Date.now(), content };
      const isKept = content.length <= Math.min(heldLimit, parts.keptBytes());
      // A disk that fails costs a look after a crash.
      owed.owe(host, isKept ? saved : { ...saved, content: undefined }).catch(ignore);
      const begin = () => {
        timers.delete(key);
        void unlessLost(host, path, look(location, saved)).catch(ignore);
      };
      timers.set(key, { location, timer: setTimeout(begin, wait) });
    },
    async end() {
      const left = [...timers.values()];
      this.dispose();
      await Promise.all(left.map(({ location: { host, path } }) => owed.leave(host, path).catch(ignore)));
    },
    dispose() {
      states.dispose();
      for (const { timer } of timers.values()) clearTimeout(timer);
      for (const timer of later.values()) clearTimeout(timer);
      timers.clear();
    },
  };
}

/** By its content up to `hashLimit`: two saves within a second may differ in nothing else. */
function isTheirs(pool: Pool, { host, path }: Location, version: Version): Promise<boolean> {
  const look = async (remote: Remote, signal: AbortSignal) => {
    const { size, mtime } = await remote.stat(path, { signal });
    if (size !== version.size || version.hash === undefined || size > hashLimit) return size !== version.size || mtime !== version.mtime;
    return (await hashOf(await readBytes(remote, path, { signal }))) !== version.hash;
  };
  return pool.run(host, look, { background: true, lane: 'bulk' });
}

function ignore(): void {}
