import { type Memento, window } from 'vscode';
import type { Disposable } from '../../core/events.ts';
import { t } from '../../core/l10n.ts';
import type { BringItem } from '../../core/transfers/bringItem.ts';
import type { TransferGroup, TransferItem, TransferTask } from '../../core/transfers/item.ts';
import type { TransferQueue } from '../../core/transfers/queue.ts';
import { keptKey } from './transferCommands.ts';

/** A group with what is left of it. */
export interface KeptGroup extends Pick<TransferGroup, 'direction' | 'isLinked' | 'title' | 'into'> {
  readonly tasks: readonly TransferTask[];
}

export interface KeptTransfers extends Disposable {
  /** Asks what is to become of what an earlier window left. What is to go on is the caller's; nothing without an answer, which leaves it. */
  offer(items: Pick<BringItem, 'drop'>): Promise<readonly KeptGroup[]>;
  /** Resolves when what is queued is noted. */
  settled(): Promise<void>;
}

/** Between two notes, in ms; and one more for each file. */
const pace = 1000;

/** Notes what is not done yet, so that the next window can go on with it. Nothing in it is secret. */
export function keepTransfers(queue: TransferQueue, state: Memento): KeptTransfers {
  let earlier = parse(state.get(keptKey));
  let timer: NodeJS.Timeout | undefined;
  let noted = '';
  let writing: Promise<void> = Promise.resolve();
  const note = () => {
    timer = undefined;
    const groups = [...earlier, ...queue.groups.map(leftOf).filter(({ tasks }) => tasks.length > 0)];
    const text = JSON.stringify(groups);
    if (text === noted) return;
    noted = text;
    // A failed write costs a question after the next start, nothing now.
    writing = Promise.resolve(state.update(keptKey, groups.length === 0 ? undefined : groups)).catch(() => undefined);
  };
  const listening = queue.onDidChange(
    () => (timer ??= setTimeout(note, pace + queue.groups.reduce((sum, { items }) => sum + items.length, 0))),
  );
  return {
    async offer(items) {
      if (earlier.length === 0) return [];
      const [resume, discard] = [t('Resume'), t('Discard')];
      const files = earlier.reduce((sum, { tasks }) => sum + tasks.length, 0);
      const question = files === 1 ? t('One file was not transferred yet.') : t('{0} files were not transferred yet.', files);
      const answer = await window.showInformationMessage(question, resume, discard);
      if (answer === undefined) return [];
      const groups = earlier;
      earlier = [];
      timer ??= setTimeout(note, pace);
      if (answer === resume) return groups;
      await Promise.all(groups.flatMap(({ tasks }) => tasks.map((task) => items.drop(asItem(task)))));
      return [];
    },
    settled() {
      if (timer !== undefined) {
        clearTimeout(timer);
        note();
      }
      return writing;
    },
    dispose() {
      listening.dispose();
      clearTimeout(timer);
    },
  };
}

function leftOf({ direction, isLinked, title, into, items }: TransferGroup): KeptGroup {
  const isLeft = ({ state }: TransferItem) => state !== 'done' && state !== 'skipped';
  // Emptied folders are removed with the last of what was in them.
  const left = items.some(isLeft) ? items.filter((item) => isLeft(item) || (direction === 'move' && item.kind === 'folder')) : [];
  const tasks = left.map(({ kind, from, to, size, mtime, mode, onExists, bytes }): TransferTask => ({
    kind,
    from,
    to,
    size,
    mtime,
    mode,
    onExists,
    bytes,
  }));
  return { direction, isLinked, title, into, tasks };
}

function asItem(task: TransferTask): TransferItem {
  return { ...task, id: 0, state: 'paused', bytes: task.bytes ?? 0, error: undefined };
}

const directions: readonly unknown[] = ['upload', 'download', 'copy', 'move'] satisfies readonly TransferGroup['direction'][];

/** What is not as we wrote it is as good as nothing. */
function parse(value: unknown): KeptGroup[] {
  if (!Array.isArray(value)) return [];
  return (value as (Partial<KeptGroup> | null)[]).flatMap((group) => {
    const { direction, isLinked, title, into, tasks } = group ?? {};
    if (direction === undefined || !directions.includes(direction)) return [];
    if (typeof title !== 'string' || !isPlace(into) || !Array.isArray(tasks)) return [];
    const whole = (tasks as (TransferTask | null)[]).flatMap((task) => (isTask(task) ? [task] : []));
    const left = whole.map((task) => ({ ...task, mtime: task.mtime, mode: task.mode }));
    return [{ direction, isLinked: isLinked === true, title, into, tasks: left }];
  });
}

function isTask(task: TransferTask | null): task is TransferTask {
  return isPlace(task?.from) && isPlace(task.to) && typeof task.size === 'number';
}

function isPlace(value: unknown): value is TransferGroup['into'] {
  const place = value as Partial<TransferGroup['into']> | null | undefined;
  return typeof place?.host === 'string' && typeof place.path === 'string';
}
