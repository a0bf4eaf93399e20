import { StatusBarAlignment, window } from 'vscode';
import type { Disposable } from '../core/events.ts';
import { t } from '../core/l10n.ts';
import type { Pool } from '../core/pool.ts';
import { safeText } from '../core/text.ts';
import type { Transfers } from '../core/transfers.ts';
import { describeState } from './hostTree.ts';
import { describeProgress, describeTransfer } from './transferText.ts';

/** Names of hosts that are or were connected in this window; also unsaved ones. */
export interface SeenHosts extends Disposable {
  readonly names: readonly string[];
}

export function createSeenHosts(pool: Pool): SeenHosts {
  const names = new Set<string>();
  const subscription = pool.onDidChangeState((name) => names.add(name));
  return {
    get names() {
      return [...names];
    },
    dispose: () => subscription.dispose(),
  };
}

const tooltipLines = 20;
const shownNames = 2;

/** In the status bar: the connected hosts and how much work runs; hidden while there is neither. A click lists the work. */
export function createStatusBar(pool: Pool, transfers: Transfers, seen: SeenHosts): Disposable {
  const item = window.createStatusBarItem('ferry.status', StatusBarAlignment.Left);
  item.name = 'Ferry';
  item.command = 'ferry.showRunning';
  const show = () => {
    const states = seen.names.map((name) => ({ name, state: pool.state(name) }));
    const alive = states.filter(({ state }) => state.state === 'connected' || state.state === 'connecting');
    const running = transfers.running;
    if (alive.length === 0 && running.length === 0) {
      item.hide();
      return;
    }
    const connections = alive.reduce((sum, { state }) => sum + state.connections, 0);
    const spinning = running.length > 0 || alive.some(({ state }) => state.state === 'connecting');
    const names = alive.map(({ name }) => safeText(name, 30));
    const hosts = names.length <= shownNames ? names.join(', ') || '–' : t('{0} hosts', names.length);
    item.text = `$(${spinning ? 'sync~spin' : 'plug'}) Ferry: ${hosts}${running.length > 0 ? ` · ${running.length}` : ''}`;
    const lines = [
      ...alive.map(({ name, state }) => `${safeText(name, 80)}: ${describeState(state)}`),
      ...running.map((transfer) => [describeTransfer(transfer), describeProgress(transfer)].filter(Boolean).join(': ')),
    ];
    item.tooltip = [...lines.slice(0, tooltipLines), ...(lines.length > tooltipLines ? ['…'] : [])].join('\n');
    item.accessibilityInformation = { label: t('Ferry: {0} connections, {1} transfers', connections, running.length) };
    item.show();
  };
  // Work comes in bursts of hundreds: one look for each burst.
  let timer: NodeJS.Timeout | undefined;
  const soon = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      show();
    }, 150);
  };
  const subscriptions = [pool.onDidChangeState(soon), transfers.onDidChange(soon)];
  return {
    dispose() {
      clearTimeout(timer);
      subscriptions.forEach((subscription) => subscription.dispose());
      item.dispose();
    },
  };
}
