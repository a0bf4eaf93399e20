import { ProgressLocation, window } from 'vscode';
import type { Progress } from 'vscode';
import type { Disposable } from '../core/events.ts';
import { t } from '../core/l10n.ts';
import type { Pool } from '../core/pool.ts';
import type { Transfer, Transfers } from '../core/transfers.ts';
import { describeWork, shareDone } from './transferText.ts';

/** Work that takes longer than this, in ms, is shown. */
const patience = 1000;
/** Shortest time between two updates, in ms. */
const pace = 200;

type Report = Progress<{ message?: string; increment?: number }>;

/**
 * Shows work of over a second in one notification with names, counts and a Cancel for all that is shown. While `isAsking` the work
 * waits for an answer of the person, who knows why.
 */
export function createTransferView(transfers: Transfers, pool: Pool, isAsking: () => boolean): Disposable {
  const timers = new Map<number, NodeJS.Timeout>();
  const shown = new Set<number>();
  let end: (() => void) | undefined;
  let update: (() => void) | undefined;

  const shownOnes = () => transfers.running.filter(({ id }) => shown.has(id));
  const close = () => {
    shown.clear();
    end?.();
    end = update = undefined;
  };
  const open = () => {
    const ended = Promise.withResolvers<undefined>();
    end = () => ended.resolve(undefined);
    void window.withProgress({ location: ProgressLocation.Notification, cancellable: true, title: 'Ferry' }, (progress, token) => {
      const reporter = createReporter(progress, shownOnes, pool);
      update = () => reporter.update();
      token.onCancellationRequested(() => {
        const cancelled = shownOnes();
        // VS Code closes it now, whatever is still to be shown: that gets another one.
        close();
        for (const transfer of cancelled) transfer.cancel();
      });
      update();
      return ended.promise.finally(() => reporter.dispose());
    });
  };
  const show = (id: number) => {
    if (isAsking()) {
      timers.set(id, setTimeout(show, patience, id));
      return;
    }
    timers.delete(id);
    shown.add(id);
    if (end === undefined) open();
    else update?.();
  };
  const forget = (id: number) => {
    clearTimeout(timers.get(id));
    timers.delete(id);
    if (shown.delete(id) && shown.size === 0) close();
    else update?.();
  };

  const subscription = transfers.onDidChange(({ kind, transfer: { id } }) => {
    if (kind === 'started') timers.set(id, setTimeout(show, patience, id));
    else if (kind === 'ended') forget(id);
    else if (shown.has(id)) update?.();
  });
  const states = pool.onDidChangeState(() => update?.());
  return {
    dispose() {
      subscription.dispose();
      states.dispose();
      for (const timer of timers.values()) clearTimeout(timer);
      end?.();
    },
  };
}

/** Reports at most once in `pace`, and in the end what is true then. */
function createReporter(progress: Report, running: () => readonly Transfer[], pool: Pool): { update(): void } & Disposable {
  let timer: NodeJS.Timeout | undefined;
  let reported = 0;
  const report = () => {
    timer = undefined;
    const now = running();
    const share = shareDone(now);
    const done = share === undefined ? reported : Math.max(reported, share * 100);
    // New work makes the share smaller; a bar that stands still is better than one that runs backwards.
    progress.report({
      message: describeWork(now, (name) => pool.state(name)) || t('Finishing…'),
      ...(done > reported && { increment: done - reported }),
    });
    reported = done;
  };
  return {
    update: () => (timer ??= setTimeout(report, reported === 0 ? 0 : pace)),
    dispose: () => clearTimeout(timer),
  };
}
