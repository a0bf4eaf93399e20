import type { Clock } from '../clock.ts';
import { type RemoteError, toRemoteError } from '../errors.ts';
import { createEmitter, type Disposable, type Event } from '../events.ts';
import type { BringItem } from './bringItem.ts';
import { ChangedSourceError } from './changedSource.ts';
import type { GroupOutcome, GroupProgress, TransferGroup, TransferItem, TransferTask } from './item.ts';
import { begin, type Group, hold, isDone, isOfHost, isOver, type Item, moved, newItem, stop } from './queued.ts';
import { Speed } from './speed.ts';

export interface QueueParts {
  readonly items: BringItem;
  /** How many transfers at once make sense with a host, by its `hostKey`. */
  readonly budget: (host: string) => number;
  readonly clock: Clock;
}

export type Which = (item: TransferItem, group: TransferGroup) => boolean;

/** What is to be transferred, in order, and what became of it. One for a window. */
export interface TransferQueue extends Disposable {
  /** In the order in which they are begun. */
  readonly groups: readonly TransferGroup[];
  /** Anything changed; often. */
  readonly onDidChange: Event<undefined>;
  /** All that goes to that host waits now, because of this. */
  readonly onDidHold: Event<{ readonly host: string; readonly reason: RemoteError }>;
  /** `settled`: all of it is done, skipped, failed or cancelled. */
  add(
    group: Omit<TransferGroup, 'id' | 'items'>,
    tasks: readonly TransferTask[],
  ): { readonly id: number; readonly settled: Promise<GroupOutcome> };
  pause(which: Which): void;
  resume(which: Which): void;
  /** What failed is tried again. */
  retry(which: Which): void;
  /** Out of the queue; what is there of a file is removed. */
  cancel(which: Which): void;
  /** What is done, skipped or failed is forgotten, where its whole group is; what is there of a file that failed is removed. */
  clear(): void;
  /** Before all others, or before the one above; a group or an item in its group. */
  move(what: { readonly group: number } | { readonly item: number }, where: 'up' | 'top'): void;
  progress(group: number): GroupProgress;
}

/** How often in a row an item may lose its link without having moved on. */
const attempts = 4;
/** Before the next attempt, in ms, for each one before. */
const pause = 500;

export function createQueue(parts: QueueParts): TransferQueue {
  return new Queue(parts);
}

class Queue implements TransferQueue {
  readonly #parts: QueueParts;
  readonly #changes = createEmitter<undefined>();
  readonly #holds = createEmitter<{ readonly host: string; readonly reason: RemoteError }>();
  readonly #running = new Map<string, number>();
  #groups: Group[] = [];
  #lastId = 0;
  #isDisposed = false;
  readonly onDidChange = this.#changes.event;
  readonly onDidHold = this.#holds.event;

  constructor(parts: QueueParts) {
    this.#parts = parts;
  }

  get groups(): readonly TransferGroup[] {
    return this.#groups;
  }

  add(about: Omit<TransferGroup, 'id' | 'items'>, tasks: readonly TransferTask[]) {
    const id = (this.#lastId += 1);
    const items = tasks.map((task) => newItem((this.#lastId += 1), task));
    const settled = Promise.withResolvers<GroupOutcome>();
    const speed = new Speed(this.#parts.clock);
    this.#groups.push({ ...about, id, items, speed, settled, isSettled: false, cancelled: 0, next: 0 });
    this.#pump();
    return { id, settled: settled.promise };
  }

  pause(which: Which): void {
    this.#each(which, (item) => {
      if (item.state === 'running') stop(item, 'paused');
      if (item.state === 'queued') hold(item, undefined);
    });
  }

  resume(which: Which): void {
    this.#each(which, (item) => {
      if (item.state === 'paused') begin(item);
      else if (item.after === 'paused') item.after = undefined;
    });
  }

  retry(which: Which): void {
    this.#each(which, (item, group) => {
      if (item.state !== 'failed') return;
      begin(item);
      group.isSettled = false;
    });
  }

  cancel(which: Which): void {
    for (const group of this.#groups) {
      const gone = group.items.filter((item) => which(item, group) && !isOver(item));
      for (const item of gone.filter(({ state }) => state === 'running')) stop(item, 'cancelled');
      this.#remove(
        group,
        gone.filter(({ state }) => state !== 'running'),
      );
    }
    this.#pump();
  }

  clear(): void {
    const over = this.#groups.filter(({ isSettled }) => isSettled);
    this.#groups = this.#groups.filter((group) => !group.isSettled);
    // Nobody can try it again.
    for (const item of over.flatMap(({ items }) => items)) if (item.state === 'failed') void this.#parts.items.drop(item);
    this.#changes.fire(undefined);
  }

  move(what: { readonly group: number } | { readonly item: number }, where: 'up' | 'top'): void {
    if ('group' in what) this.#groups = moved(this.#groups, what.group, where);
    else
      for (const group of this.#groups) {
        group.items = moved(group.items, what.item, where, isDone);
        group.next = 0;
      }
    this.#pump();
  }

  progress(id: number): GroupProgress {
    const group = this.#groups.find((each) => each.id === id);
    const sum = { files: 0, filesDone: 0, failed: 0, bytes: 0, bytesDone: 0 };
    for (const { kind, state, size, bytes } of group?.items ?? []) {
      if (kind === 'folder') continue;
      sum.files += 1;
      sum.bytes += size;
      sum.bytesDone += state === 'done' || state === 'skipped' ? size : Math.min(bytes, size);
      if (state === 'done' || state === 'skipped') sum.filesDone += 1;
      if (state === 'failed') sum.failed += 1;
    }
    const speed = group?.speed.now ?? 0;
    return { ...sum, speed, left: speed > 0 ? (sum.bytes - sum.bytesDone) / speed : undefined };
  }

  dispose(): void {
    this.#isDisposed = true;
    for (const item of this.#groups.flatMap(({ items }) => items)) {
      if (item.state === 'running') stop(item, 'paused');
      item.cancelWait?.();
    }
    this.#changes.dispose();
    this.#holds.dispose();
  }

  #each(which: Which, act: (item: Item, group: Group) => void): void {
    for (const group of this.#groups) {
      for (const item of group.items) if (which(item, group)) act(item, group);
      group.next = 0;
    }
    this.#pump();
  }

  #remove(group: Group, gone: readonly Item[]): void {
    if (gone.length === 0) return;
    const out = new Set(gone);
    group.items = group.items.filter((item) => !out.has(item));
    group.cancelled += gone.length;
    group.next = 0;
    for (const item of gone) {
      item.cancelWait?.();
      void this.#parts.items.drop(item);
    }
  }

  #pump(): void {
    if (this.#isDisposed) return;
    for (const group of this.#groups) {
      this.#begin(group);
      this.#settle(group);
    }
    // Nothing was left of it.
    this.#groups = this.#groups.filter(({ isSettled, items }) => !isSettled || items.length > 0);
    this.#changes.fire(undefined);
  }

  #begin(group: Group): void {
    let isFirst = true;
    for (let index = group.next; index < group.items.length; index += 1) {
      const item = group.items[index];
      if (item?.state === 'queued' && item.cancelWait === undefined) {
        // All of a group go the same way: where there is no room for one there is none for the next.
        if (!this.#hasRoom(item)) return;
        void this.#run(item, group);
      } else if (item?.state === 'queued') isFirst = false;
      if (isFirst) group.next = index + 1;
    }
  }

  #hasRoom({ from, to }: Item): boolean {
    return [from.host, to.host].every((host) => host === '' || (this.#running.get(host) ?? 0) < this.#parts.budget(host));
  }

  #count({ from, to }: Item, by: number): void {
    for (const host of new Set([from.host, to.host])) this.#running.set(host, (this.#running.get(host) ?? 0) + by);
  }

  #settle(group: Group): void {
    if (group.isSettled || !group.items.every(isOver)) return;
    group.isSettled = true;
    const inState = (state: Item['state']) => group.items.filter((item) => item.state === state);
    const outcome = {
      ...{ done: inState('done').length, skipped: inState('skipped').length },
      ...{ failed: inState('failed'), cancelled: group.cancelled },
    };
    void this.#parts.items.end(group).then(() => group.settled.resolve(outcome));
  }

  /** Never rejects. */
  async #run(item: Item, group: Group): Promise<void> {
    const own = new AbortController();
    [item.state, item.error, item.stop, item.after] = ['running', undefined, own, undefined];
    this.#count(item, 1);
    const onProgress = (bytes: number) => {
      group.speed.add(bytes - item.bytes);
      // What moves on is worth further attempts.
      if (bytes > item.bytes) item.attempts = 0;
      item.bytes = bytes;
      this.#changes.fire(undefined);
    };
    try {
      item.state = await this.#parts.items.bring(item, group, { signal: own.signal, onProgress });
      if (item.state === 'done') item.bytes = item.size;
    } catch (error) {
      this.#failed(item, group, toRemoteError(error));
    }
    item.stop = undefined;
    this.#count(item, -1);
    this.#pump();
  }

  #failed(item: Item, group: Group, reason: RemoteError): void {
    if (item.stop?.signal.aborted === true) {
      if (item.after === 'cancelled') this.#remove(group, [item]);
      else if (item.after === 'paused') hold(item, undefined);
      else [item.state, group.next] = ['queued', 0];
    } else if (reason instanceof ChangedSourceError && item.attempts < attempts) this.#again(item, reason.source);
    else if (isOfHost(reason)) this.#hold(item, reason);
    else if (reason.retryable && item.attempts < attempts) this.#again(item, {});
    else [item.state, item.error] = ['failed', reason];
  }

  #again(item: Item, now: Partial<ChangedSourceError['source']>): void {
    Object.assign(item, now);
    item.state = 'queued';
    item.attempts += 1;
    item.cancelWait = this.#parts.clock.after(pause * item.attempts, () => {
      item.cancelWait = undefined;
      for (const group of this.#groups) group.next = 0;
      this.#pump();
    });
  }

  #hold(item: Item, reason: RemoteError): void {
    const hosts = [item.from.host, item.to.host].filter((host) => host !== '');
    const host = hosts.find((each) => each.endsWith(`://${reason.host ?? ''}`)) ?? hosts[0] ?? '';
    const isOf = ({ from, to }: Item) => from.host === host || to.host === host;
    const isFirst = !this.#groups.some(({ items }) =>
      items.some((each) => each.state === 'paused' && each.error !== undefined && isOf(each)),
    );
    const waits = (each: Item) => each.state === 'queued' && isOf(each);
    for (const each of this.#groups.flatMap(({ items }) => items)) if (each === item || waits(each)) hold(each, reason);
    if (isFirst) this.#holds.fire({ host, reason });
  }
}
