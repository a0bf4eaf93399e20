import { isRemoteError, RemoteError } from '../errors.ts';
import { t } from '../l10n.ts';
import type { GroupOutcome, TransferGroup, TransferItem, TransferTask } from './item.ts';
import type { Speed } from './speed.ts';

/** An item as the queue has it. */
export interface Item extends TransferTask {
  readonly id: number;
  state: TransferItem['state'];
  bytes: number;
  error: RemoteError | undefined;
  stop: AbortController | undefined;
  /** What becomes of it when it was stopped. */
  after: 'paused' | 'cancelled' | undefined;
  attempts: number;
  /** It waits for its next attempt. */
  cancelWait: (() => void) | undefined;
  size: number;
  mtime: number | undefined;
  mode: number | undefined;
}

export interface Group extends Omit<TransferGroup, 'items'> {
  items: Item[];
  readonly speed: Speed;
  readonly settled: PromiseWithResolvers<GroupOutcome>;
  isSettled: boolean;
  cancelled: number;
  /** No item before this one is queued. */
  next: number;
}

/** One that was just asked for. */
export function newItem(id: number, task: TransferTask): Item {
  return {
    ...task,
    ...{ id, state: 'queued', bytes: task.bytes ?? 0, error: undefined },
    ...{ stop: undefined, after: undefined, attempts: 0, cancelWait: undefined },
  };
}

export function isOver(item: Item): boolean {
  return isDone(item) || item.state === 'failed';
}

export function isDone({ state }: Item): boolean {
  return state === 'done' || state === 'skipped';
}

export function begin(item: Item): void {
  [item.state, item.error, item.attempts] = ['queued', undefined, 0];
}

export function hold(item: Item, reason: RemoteError | undefined): void {
  item.cancelWait?.();
  [item.state, item.error, item.cancelWait] = ['paused', reason, undefined];
}

export function stop(item: Item, after: 'paused' | 'cancelled'): void {
  // What a person took out of the queue does not come back by another order.
  if (item.after !== 'cancelled') item.after = after;
  item.stop?.abort(new RemoteError('Cancelled', t('Cancelled.')));
}

/** Whether a failure is one of the link or the log-in, not of the file: all else that goes to the host waits too. */
export function isOfHost(reason: RemoteError): boolean {
  return isRemoteError(reason, 'Unreachable', 'Auth', 'Untrusted', 'Cancelled');
}

/** `passes`: what is shown elsewhere, so that to be before it is nothing to see. */
export function moved<T extends { readonly id: number }>(
  list: readonly T[],
  id: number,
  where: 'up' | 'top',
  passes: (one: T) => boolean = () => false,
): T[] {
  const at = list.findIndex((each) => each.id === id);
  const one = list[at];
  if (one === undefined) return [...list];
  const above = list.slice(0, at).findLastIndex((each) => !passes(each));
  return list.toSpliced(at, 1).toSpliced(where === 'top' ? 0 : Math.max(0, above), 0, one);
}
