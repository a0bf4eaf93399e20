import { QuickPickItemKind, ThemeIcon, window } from 'vscode';
import type { QuickPickItem } from 'vscode';
import { t } from '../core/l10n.ts';
import type { Pool } from '../core/pool.ts';
import { safeText } from '../core/text.ts';
import type { Transfers } from '../core/transfers.ts';
import { describeState } from './hostTree.ts';
import type { SeenHosts } from './statusBar.ts';
import { describeProgress, describeTransfer } from './transferText.ts';

interface WorkItem extends QuickPickItem {
  act?(): void;
}

/** Lists running work and connections; choosing a row cancels that work or ends that host's connections. */
export async function showRunningWork(
  pool: Pool,
  transfers: Transfers,
  seen: SeenHosts,
  disconnect: (name: string) => void,
): Promise<void> {
  const pick = window.createQuickPick<WorkItem>();
  const closed = Promise.withResolvers<undefined>();
  const show = () => {
    const items = [...workItems(transfers), ...hostItems(pool, seen, disconnect)];
    const active = pick.activeItems[0]?.label;
    pick.keepScrollPosition = true;
    pick.items = items.length > 0 ? items : [{ label: t('Nothing is connected or running.') }];
    pick.activeItems = pick.items.filter(({ label }) => label === active);
  };
  pick.title = t('Connections and Transfers');
  pick.placeholder = t('Choose a transfer to cancel it, or a host to disconnect');
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

function hostItems(pool: Pool, { names }: SeenHosts, disconnect: (name: string) => void): WorkItem[] {
  const alive = names.map((name) => ({ name, state: pool.state(name) })).filter(({ state }) => state.connections > 0);
  if (alive.length === 0) return [];
  const rows = alive.map(({ name, state }) => ({
    label: safeText(name, 80),
    description: describeState(state),
    iconPath: new ThemeIcon('vm-active'),
    act: () => disconnect(name),
  }));
  return [{ label: t('connections'), kind: QuickPickItemKind.Separator }, ...rows];
}
