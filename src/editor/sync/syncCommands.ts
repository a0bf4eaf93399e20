import type { Disposable } from '../../core/events.ts';
import type { ReviewItem } from './review.ts';
import { createReviewView } from './reviewView.ts';
import { Syncing, type SyncingParts } from './syncing.ts';

export type SyncCommandsParts = Omit<SyncingParts, 'view'>;

type Act = (argument: unknown, selected: unknown) => Promise<void> | void;

export interface SyncCommands extends Disposable {
  readonly start: Syncing['start'];
  /** What can be done in the view. */
  readonly inReview: Readonly<Record<ReviewCommand, Act>>;
}

export type ReviewCommand = 'apply' | 'close' | 'refresh' | 'compareContents' | 'showDocument' | 'useHere' | 'useThere' | 'open';

/** The view of a plan and what can be done there. */
export function createSyncCommands(parts: SyncCommandsParts): SyncCommands {
  const view = createReviewView(() => syncing.isRunning);
  const syncing = new Syncing({ ...parts, view });
  const onItems =
    (act: (items: readonly ReviewItem[]) => Promise<void> | void): Act =>
    (argument, selected) =>
      act(view.itemsOf(argument, selected));
  return {
    start: (folder, mode) => syncing.start(folder, mode),
    inReview: {
      apply: () => syncing.apply(),
      close: () => syncing.close(),
      refresh: () => syncing.refresh(),
      compareContents: () => syncing.compareContents(),
      showDocument: () => syncing.showDocument(),
      useHere: onItems((items) => syncing.choose(items, 'here')),
      useThere: onItems((items) => syncing.choose(items, 'there')),
      open: onItems(async ([item]) => (item === undefined ? undefined : syncing.open(item))),
    },
    dispose() {
      void syncing.close().catch(() => undefined);
      view.dispose();
    },
  };
}
