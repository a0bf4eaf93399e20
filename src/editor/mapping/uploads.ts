import { EventEmitter, Uri } from 'vscode';
import type { Event, Memento } from 'vscode';
import { type RemoteError, toRemoteError } from '../../core/errors.ts';
import type { Disposable } from '../../core/events.ts';
import { ConflictError } from '../../core/operations/saveErrors.ts';
import type { MappedFile, Mappings } from './mappings.ts';

/** `waiting`: its turn comes; `unreachable`: goes out by itself when the server can be reached again; `failed`, `conflict`: a person has to say. */
type UploadState = 'waiting' | 'sending' | 'unreachable' | 'failed' | 'conflict';

export interface PendingUpload {
  /** And the target that it is meant for, whichever is chosen later. */
  readonly file: MappedFile;
  readonly state: UploadState;
  readonly error: RemoteError | undefined;
  /** The queue of transfers sends it, and shows it. */
  readonly isQueued: boolean;
}

/** What became of a burst of uploads, once nothing is left to begin. */
export interface Burst {
  readonly sent: readonly MappedFile[];
  readonly failed: readonly PendingUpload[];
}

/** Files on their way to their servers. What is not confirmed stays here, also over a reload of the window. */
export interface Uploads extends Disposable {
  readonly pending: readonly PendingUpload[];
  readonly onDidChange: Event<undefined>;
  readonly onDidSettle: Event<Burst>;
  /** Several requests for one file are one upload of its newest content. */
  add(files: readonly MappedFile[]): void;
  /** Those that failed, too. Without: all. */
  retry(which?: (upload: PendingUpload) => boolean): void;
  drop(which: (upload: PendingUpload) => boolean): void;
  find(uri: Uri): PendingUpload | undefined;
  /** The queue of transfers is to send these: they are shown here, and noted there. */
  leave(files: readonly MappedFile[]): void;
  /** What the queue does with one; a conflict is pending here from then on. */
  told(file: MappedFile, what: 'waiting' | 'sending' | 'sent' | ConflictError): void;
  /** The queue is done with those of a group, and `told` of them. */
  ended(): void;
  /** It has none of these any more. */
  takeBack(files: readonly MappedFile[]): void;
  /** Resolves when what is pending is noted for the next window. */
  settled(): Promise<void>;
}

interface Item {
  readonly file: MappedFile;
  state: UploadState;
  error: RemoteError | undefined;
  /** Asked for once more while it was sent. */
  again: boolean;
  isQueued: boolean;
}

const key = 'mapping.uploads';
/** The pool shares its connections among these, and keeps one for who browses. */
const atOnce = 8;
/** Between two showings, in ms; between two notes of what is pending one more for each file. */
const pace = 100;

export function createUploads(state: Memento, mappings: Mappings, send: (file: MappedFile) => Promise<void>): Uploads {
  const changes = new EventEmitter<undefined>();
  const settled = new EventEmitter<Burst>();
  const items = new Map<string, Item>();
  let sent: MappedFile[] = [];
  let failed: PendingUpload[] = [];
  let sending = 0;
  let timer: NodeJS.Timeout | undefined;
  let notingTimer: NodeJS.Timeout | undefined;
  /** What is new is noted soon, even where thousands are pending. */
  let isNew = false;

  for (const file of kept(state, mappings))
    items.set(idOf(file), { file, state: 'unreachable', error: undefined, again: false, isQueued: false });

  let noting: Promise<void> = Promise.resolve();
  const note = () => {
    clearTimeout(notingTimer);
    [notingTimer, isNew] = [undefined, false];
    const own = [...items.values()].filter(({ isQueued }) => !isQueued);
    const pending = own.map(({ file }) => [file.uri.toString(), file.target.name]);
    // A failed write costs a question after the next start, nothing now.
    noting = Promise.resolve(state.update(key, pending)).catch(() => undefined);
  };
  const changed = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      if (isNew) note();
      changes.fire(undefined);
    }, pace);
    notingTimer ??= setTimeout(note, pace + items.size);
  };

  const inState = (...states: readonly UploadState[]) =>
    [...items.values()].filter((item) => !item.isQueued && states.includes(item.state));
  /** Of thousands only those that are needed are looked at. */
  const waiting = (most: number): Item[] => {
    const found: Item[] = [];
    for (const item of items.values()) {
      if (found.length >= most) break;
      if (!item.isQueued && item.state === 'waiting') found.push(item);
    }
    return found;
  };

  const sendOne = async (item: Item): Promise<void> => {
    try {
      // The host may have been edited, or the mapping taken away, since it was asked for.
      const file = mappings.find(item.file.uri, item.file.target.name);
      if (file !== undefined) {
        await send(file);
        sent.push(file);
      }
      item.error = undefined;
      if (!item.again) items.delete(idOf(item.file));
    } catch (error) {
      // Asked for once more meanwhile: what becomes of that counts. Some programs save by putting another file in its place, too.
      if (!item.again && isGone(error)) items.delete(idOf(item.file));
      else if (!item.again) {
        item.error = toRemoteError(error);
        item.state = stateAfter(item.error);
        failed.push({ ...item });
      }
    }
    if (item.again) [item.state, item.again] = ['waiting', false];
  };
  const pump = () => {
    for (const item of waiting(atOnce - sending)) {
      item.state = 'sending';
      sending += 1;
      // `sendOne` never rejects.
      void sendOne(item).then(() => {
        sending -= 1;
        pump();
      });
    }
    changed();
    if (sending === 0 && waiting(1).length === 0) settle();
  };
  const settle = () => {
    if (sent.length + failed.length === 0) return;
    const burst = { sent, failed };
    [sent, failed] = [[], []];
    settled.fire(burst);
  };
  const queued = (file: MappedFile) => {
    const item = items.get(idOf(file));
    return item?.isQueued === true ? item : undefined;
  };

  return {
    get pending() {
      return [...items.values()];
    },
    onDidChange: changes.event,
    onDidSettle: settled.event,
    find: (uri) => [...items.values()].find(({ file }) => file.uri.toString() === uri.toString()),
    add(files) {
      for (const file of files) {
        const known = items.get(idOf(file));
        if (known?.state === 'sending') known.again = true;
        else items.set(idOf(file), { file, state: 'waiting', error: undefined, again: false, isQueued: false });
      }
      isNew = true;
      pump();
    },
    leave(files) {
      for (const file of files) {
        // What is pending here goes out by itself.
        if (items.get(idOf(file))?.state === 'sending') continue;
        items.set(idOf(file), { file, state: 'waiting', error: undefined, again: false, isQueued: true });
      }
      changed();
    },
    told(file, what) {
      if (what === 'sent') sent.push(file);
      const item = queued(file);
      if (what instanceof ConflictError) {
        const conflict: Item = { file, state: 'conflict', error: what, again: false, isQueued: false };
        items.set(idOf(file), conflict);
        failed.push({ ...conflict });
        isNew = true;
      } else if (item?.again === true && what !== 'sending') {
        [item.state, item.again, item.isQueued] = ['waiting', false, false];
        isNew = true;
        pump();
      } else if (what === 'sent') {
        if (item !== undefined) items.delete(idOf(file));
      } else if (item !== undefined) item.state = what;
      changed();
    },
    ended: settle,
    takeBack(files) {
      for (const file of files) {
        const item = queued(file);
        if (item?.again === true) {
          // Whoever saved it since wants that to be sent.
          [item.state, item.again, item.isQueued] = ['waiting', false, false];
          isNew = true;
        } else if (item !== undefined) items.delete(idOf(file));
      }
      pump();
    },
    retry(which = () => true) {
      for (const item of inState('unreachable', 'failed', 'conflict')) if (which(item)) item.state = 'waiting';
      pump();
    },
    drop(which) {
      for (const [id, item] of items) if (item.state !== 'sending' && !item.isQueued && which(item)) items.delete(id);
      changed();
    },
    settled() {
      if (notingTimer !== undefined) note();
      return noting;
    },
    dispose() {
      clearTimeout(timer);
      clearTimeout(notingTimer);
      changes.dispose();
      settled.dispose();
    },
  };
}

function stateAfter(error: RemoteError): UploadState {
  if (error instanceof ConflictError) return 'conflict';
  return error.code === 'Unreachable' || error.code === 'Lost' ? 'unreachable' : 'failed';
}

/** Deleted on this computer before its turn came. */
export function isGone(error: unknown): boolean {
  const cause = toRemoteError(error).cause ?? error;
  return cause instanceof Error && (cause as NodeJS.ErrnoException).code === 'ENOENT';
}

function idOf({ uri, target }: MappedFile): string {
  return JSON.stringify([uri.toString(), target.name]);
}

/** Of mappings that are still there. */
function kept(state: Memento, mappings: Mappings): MappedFile[] {
  const noted = state.get<unknown>(key, []);
  if (!Array.isArray(noted)) return [];
  return noted.flatMap((each: unknown) => {
    if (!Array.isArray(each) || typeof each[0] !== 'string' || typeof each[1] !== 'string') return [];
    try {
      return mappings.find(Uri.parse(each[0], true), each[1]) ?? [];
    } catch {
      return [];
    }
  });
}
