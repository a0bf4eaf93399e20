import type { Disposable } from '../../core/events.ts';
import { type RegisterCommand } from '../command.ts';
import type { ReviewItem } from './review.ts';
import { createReviewView } from './reviewView.ts';
import { Syncing, type SyncingParts } from './syncing.ts';

export interface SyncCommandsParts extends Omit<SyncingParts, 'view'> {
  readonly register: RegisterCommand;
}

export interface SyncCommands extends Disposable {
  readonly start: Syncing['start'];
}

/** The view of a plan and what can be done there. */
export function createSyncCommands(parts: SyncCommandsParts): SyncCommands {
  const { register } = parts;
  const view = createReviewView(() => syncing.isRunning);
  const syncing = new Syncing({ ...parts, view });
  const onItems = (act: (items: readonly ReviewItem[]) => Promise<void> | void) => (argument: unknown, selected: unknown) =>
    act(view.itemsOf(argument, selected));
  const subscriptions = [
    view,
    register('ferry.sync.apply', () => syncing.apply()),
    register('ferry.sync.close', () => syncing.close()),
    register('ferry.sync.refresh', () => syncing.refresh()),
    register('ferry.sync.compareContents', () => syncing.compareContents()),
    register('ferry.sync.showDocument', () => syncing.showDocument()),
    register(
      'ferry.sync.useHere',
      onItems((items) => syncing.choose(items, 'here')),
    ),
    register(
      'ferry.sync.useThere',
      onItems((items) => syncing.choose(items, 'there')),
    ),
    register(
      'ferry.sync.open',
      onItems(async ([item]) => (item === undefined ? undefined : syncing.open(item))),
    ),
  ];
  return {
    start: (folder, mode) => syncing.start(folder, mode),
    dispose() {
      void syncing.close().catch(() => undefined);
      for (const subscription of subscriptions) subscription.dispose();
    },
  };
}
