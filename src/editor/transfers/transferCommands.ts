import type { Memento, Uri } from 'vscode';
import type { TransferGroup, TransferTask } from '../../core/transfers/item.ts';
import type { Disposable } from '../../core/events.ts';
import type { RegisterCommand } from '../command.ts';
import type { ShowGroup } from './liveGroup.ts';
import type { TransferActions } from './transferActions.ts';
import type { TransferDesk, TransferDeskParts, TransferWish } from './transferDesk.ts';

/** Brings files, folders and links to places, through the queue. Resolves to whether all is there; throws what failed. */
export type Transfer = (wishes: readonly TransferWish[], into: Uri, options?: TransferOptions) => Promise<boolean>;

/** The same for a group that is planned already. */
export type Enqueue = (about: Omit<TransferGroup, 'id' | 'items'>, tasks: readonly TransferTask[]) => Promise<boolean>;

export interface TransferOptions {
  /** Between hosts: each source is removed when what came of it was looked at. Default false. */
  readonly moves?: boolean;
}

export interface QueuedTransfers extends Disposable {
  readonly transfer: Transfer;
  readonly enqueue: Enqueue;
  readonly showGroup: ShowGroup;
  /** Resolves when what is queued is noted for the next window. */
  settled(): Promise<void>;
}

/** Where the queue notes what is left. */
export const keptKey = 'transfers.queue';

/** The queue of transfers and its commands: loaded when something is to be transferred, or was when the last window closed. */
export function createQueuedTransfers(parts: TransferDeskParts & { readonly register: RegisterCommand }): QueuedTransfers {
  const { register } = parts;
  let loading: Promise<{ readonly desk: TransferDesk; readonly actions: TransferActions }> | undefined;
  let desk: TransferDesk | undefined;
  let isDisposed = false;
  const load = async () => {
    const [{ startTransferDesk }, { createTransferActions }] = await Promise.all([
      import('./transferDesk.ts'),
      import('./transferActions.ts'),
    ]);
    desk = startTransferDesk(parts);
    if (isDisposed) desk.dispose();
    return { desk, actions: createTransferActions(desk.queue, desk.tree, parts.settings) };
  };
  const loaded = () => (loading ??= load());
  const does = (action: keyof TransferActions) => async (row: unknown) => (await loaded()).actions[action](row);
  if (isKept(parts.kept))
    loaded()
      .then(async (all) => all.desk.offerKept())
      .catch(parts.failed);
  const commands = [
    register('ferry.transfers.pause', does('pause')),
    register('ferry.transfers.resume', does('resume')),
    register('ferry.transfers.retry', does('retry')),
    register('ferry.transfers.clear', does('clear')),
    register('ferry.transfers.cancel', does('cancel')),
    register('ferry.transfers.moveUp', does('moveUp')),
    register('ferry.transfers.moveToTop', does('moveToTop')),
    register('ferry.transfers.reveal', does('reveal')),
    register('ferry.transfers.limit', does('limit')),
  ];
  return {
    enqueue: async (...wished) => (await loaded()).desk.enqueue(...wished),
    transfer: async (...wished) => (await loaded()).desk.transfer(...wished),
    showGroup(group, onDidChange) {
      let [shown, isOver]: [Disposable | undefined, boolean] = [undefined, false];
      loaded()
        .then(({ desk: { tree } }) => {
          if (!isOver) shown = tree.show(group, onDidChange);
        })
        .catch(parts.failed);
      return {
        dispose() {
          isOver = true;
          shown?.dispose();
        },
      };
    },
    settled: async () => desk?.settled(),
    dispose() {
      isDisposed = true;
      for (const each of [...commands, desk]) each?.dispose();
    },
  };
}

function isKept(state: Memento): boolean {
  return state.get(keptKey) !== undefined;
}
