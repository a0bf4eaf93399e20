import { toRemoteError } from './errors.ts';
import { createEmitter, type Event } from './events.ts';

export interface TransferLabel {
  /** What is done, for a person: "Uploading", "Deleting" … already translated. */
  readonly verb: string;
  /** The file or folder; raw, `safeText` it. */
  readonly name: string;
  readonly hostName: string;
}

/** How far a piece of work is. What is not given stays as it was. */
export interface TransferProgress {
  readonly bytes?: number | undefined;
  readonly total?: number | undefined;
  /** Entries done. */
  readonly count?: number | undefined;
  /** The entry that is worked on; raw, `safeText` it. */
  readonly current?: string | undefined;
}

export interface Transfer extends TransferProgress {
  readonly id: number;
  readonly label: TransferLabel;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Aborts the signal that the task was given; the task settles by itself. */
  cancel(): void;
}

/** The work that runs now. Knows nothing of how it is shown. */
export interface Transfers {
  /** What runs, oldest first; a snapshot. */
  readonly running: readonly Transfer[];
  /** Started, moved on (`progress`) or ended. */
  readonly onDidChange: Event<{ readonly kind: 'started' | 'progress' | 'ended'; readonly transfer: Transfer }>;
  /** Runs `task` as an item of the registry until it settles; settles like it. Throws only RemoteErrors. */
  track<T>(
    label: TransferLabel,
    signal: AbortSignal | undefined,
    task: (report: (progress: TransferProgress) => void, signal: AbortSignal) => Promise<T>,
  ): Promise<T>;
}

export function createTransfers(now: () => number = Date.now): Transfers {
  const changes = createEmitter<{ kind: 'started' | 'progress' | 'ended'; transfer: Transfer }>();
  const running = new Map<number, Transfer>();
  let lastId = 0;

  const update = (kind: 'started' | 'progress', transfer: Transfer) => {
    running.set(transfer.id, transfer);
    changes.fire({ kind, transfer });
  };

  return {
    get running() {
      return [...running.values()];
    },
    onDidChange: changes.event,
    async track(label, signal, task) {
      const id = (lastId += 1);
      const own = new AbortController();
      let transfer: Transfer = { id, label, startedAt: now(), cancel: () => own.abort() };
      update('started', transfer);
      const report = (progress: TransferProgress) => {
        if (!running.has(id)) return;
        transfer = { ...transfer, ...progress };
        update('progress', transfer);
      };
      try {
        return await task(report, signal === undefined ? own.signal : AbortSignal.any([signal, own.signal]));
      } catch (error) {
        throw toRemoteError(error);
      } finally {
        running.delete(id);
        changes.fire({ kind: 'ended', transfer });
      }
    },
  };
}
