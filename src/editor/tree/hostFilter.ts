import { commands } from 'vscode';
import { createEmitter, type Disposable, type Event } from '../../core/events.ts';
import type { Host } from '../../core/host.ts';
import { t } from '../../core/l10n.ts';
import { askText, back } from '../textInput.ts';

/** What the view shows of the hosts. */
export interface HostFilter extends Disposable {
  /** Undefined: everything is shown. */
  readonly text: string | undefined;
  readonly matches: (host: Host) => boolean;
  /** Asks the person; an empty answer shows everything again. */
  ask(): Promise<void>;
  clear(): void;
  readonly onDidChange: Event<undefined>;
}

export function createHostFilter(): HostFilter {
  const changed = createEmitter<undefined>();
  let text: string | undefined;
  const set = (wanted: string | undefined) => {
    text = wanted;
    void commands.executeCommand('setContext', 'ferry.filtered', wanted !== undefined);
    changed.fire(undefined);
  };
  return {
    get text() {
      return text;
    },
    matches({ name, address, user, look }) {
      const wanted = text?.toLowerCase();
      return wanted === undefined || [name, address, user ?? '', look.group ?? ''].some((part) => part.toLowerCase().includes(wanted));
    },
    async ask() {
      const answer = await askText({
        title: t('Filter Hosts'),
        prompt: t('Part of a name, an address, a user or a group. Empty: all hosts.'),
        value: text,
      });
      if (answer === undefined || answer === back) return;
      set(answer.value.trim() === '' ? undefined : answer.value.trim());
    },
    clear: () => set(undefined),
    onDidChange: changed.event,
    dispose: () => changed.dispose(),
  };
}
