import { QuickPickItemKind, ThemeIcon, window } from 'vscode';
import type { QuickPickItem } from 'vscode';
import { t } from '../core/l10n.ts';
import type { Pool } from '../core/pool.ts';
import { safeText } from '../core/text.ts';
import type { Transfers } from '../core/transfers.ts';
import { describeError } from './fileSystemError.ts';
import { describeState } from './tree/hostItem.ts';
import type { SeenHosts } from './statusBar.ts';
import { describeProgress, describeTransfer } from './transferText.ts';

interface WorkItem extends QuickPickItem {
  act?(): void;
}

export interface HostActions {
  readonly connect: (name: string) => void;
  readonly disconnect: (name: string) => void;
}

/** Lists running work and hosts; choosing a row cancels that work, ends that host's connections, or connects it where it is not. */
export async function showRunningWork(pool: Pool, transfers: Transfers, seen: SeenHosts, actions: HostActions): Promise<void> {
  const pick = window.createQuickPick<WorkItem>();
  const closed = Promise.withResolvers<undefined>();
  const show = () => {
    const items = [...workItems(transfers), ...hostItems(pool, seen, actions)];
    const active = pick.activeItems[0]?.label;
    pick.keepScrollPosition = true;
    pick.items = items.length > 0 ? items : [{ label: t('Nothing is connected or running.') }];
    pick.activeItems = pick.items.filter(({ label }) => label === active);
  };
  pick.title = t('Connections and Transfers');
  pick.placeholder = t('Choose a transfer to cancel it, or a host to connect or disconnect');
  pick.onDidAccept(() => {
    pick.selectedItems[0]?.act?.();
    pick.hide();
  });
  pick.onDidHide(() => closed.resolve(undefined));
  show();
  const timer = setInterval(show, 500);
  pick.show();
  await closed.promise;
  clearInterval(timer);
  pick.dispose();
}

function workItems({ running }: Transfers): WorkItem[] {
  if (running.length === 0) return [];
  const rows = running.map((transfer) => ({
    label: describeTransfer(transfer),
    description: describeProgress(transfer),
    iconPath: new ThemeIcon('sync~spin'),
    act: () => transfer.cancel(),
  }));
  return [{ label: t('transfers'), kind: QuickPickItemKind.Separator }, ...rows];
}

function hostItems(pool: Pool, { names }: SeenHosts, { connect, disconnect }: HostActions): WorkItem[] {
  const states = names.map((name) => ({ name, state: pool.state(name) }));
  const rows = states.flatMap(({ name, state }): WorkItem[] => {
    const row = { label: safeText(name, 80), description: describeState(state) };
    if (state.connections > 0) return [{ ...row, iconPath: new ThemeIcon('vm-active'), act: () => disconnect(name) }];
    if (state.error === undefined) return [];
    const detail = t('Connect. {0}', safeText(describeError(state.error), 300));
    return [{ ...row, detail, iconPath: new ThemeIcon('vm-outline'), act: () => connect(name) }];
  });
  return rows.length === 0 ? [] : [{ label: t('connections'), kind: QuickPickItemKind.Separator }, ...rows];
}
