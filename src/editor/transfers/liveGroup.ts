import type { Event } from 'vscode';
import type { Disposable } from '../../core/events.ts';

/** Files that are brought by themselves, without the queue, as one group of the view of transfers. All as it is now. */
export interface LiveGroup {
  /** For people. */
  readonly title: string;
  readonly progress: { readonly files: number; readonly filesDone: number };
  /** What is left: what is on its way comes first. */
  readonly files: readonly LiveFile[];
  /** What has not begun is taken back. */
  cancel(): void;
}

export interface LiveFile {
  /** Among those of its group. */
  readonly id: string;
  /** From its folder on; raw, `safeText` it. */
  readonly name: string;
  /** Raw. */
  readonly hostName: string;
  readonly isRunning: boolean;
}

/** Until what it returns is disposed of; drawn again at each `onDidChange`. */
export type ShowGroup = (group: LiveGroup, onDidChange: Event<unknown>) => Disposable;
