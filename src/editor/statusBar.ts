import { StatusBarAlignment, ThemeColor, window } from 'vscode';
import type { Disposable } from '../core/events.ts';
import { t } from '../core/l10n.ts';
import type { HostState, Pool } from '../core/pool.ts';
import { safeText } from '../core/text.ts';
import type { Transfers } from '../core/transfers.ts';
import { describeError } from './fileSystemError.ts';
import { describeState } from './tree/hostItem.ts';
import { describeProgress, describeTransfer, waitsForHost } from './transferText.ts';

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

interface Shown {
  readonly name: string;
  readonly state: HostState;
}

/**
 * In the status bar: the connected hosts, how much work runs, and which open host is not connected and why; hidden while there is nothing
 * to say. A click lists all of it. `isOpen`: the window has something of that host open.
 */
export function createStatusBar(pool: Pool, transfers: Transfers, seen: SeenHosts, isOpen: (name: string) => boolean): Disposable {
  const item = window.createStatusBarItem('ferry.status', StatusBarAlignment.Left);
  item.name = 'Ferry';
  item.command = 'ferry.showRunning';
  const show = () => {
    const hosts = seen.names.map((name) => ({ name, state: pool.state(name) })).filter(({ name, state }) => isShown(name, state));
    const running = transfers.running.filter(({ label }) => !waitsForHost(pool.state(label.hostName)));
    if (hosts.length === 0 && running.length === 0) {
      item.hide();
      return;
    }
    const { icon, text, isWarning } = summary(hosts, running.length);
    item.text = `$(${icon}) Ferry: ${text}${running.length > 0 ? ` · ${running.length}` : ''}`;
    item.backgroundColor = isWarning ? new ThemeColor('statusBarItem.warningBackground') : undefined;
    const lines = [
      ...hosts.map(describeHostState),
      ...running.map((transfer) => [describeTransfer(transfer), describeProgress(transfer)].filter(Boolean).join(': ')),
    ];
    item.tooltip = [...lines.slice(0, tooltipLines), ...(lines.length > tooltipLines ? ['…'] : [])].join('\n');
    const connections = hosts.reduce((sum, { state }) => sum + state.connections, 0);
    const label = t('Ferry: {0} connections, {1} transfers', connections, running.length);
    item.accessibilityInformation = { label: isWarning ? `${label}. ${text}` : label };
    item.show();
  };
  const isShown = (name: string, { state }: HostState) =>
    state === 'connected' || state === 'connecting' || (state !== 'disconnected' && isOpen(name));
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

/** What matters most: that a person is needed, then that something is not there, then what is. */
function summary(hosts: readonly Shown[], running: number): { icon: string; text: string; isWarning: boolean } {
  const inState = (...states: readonly HostState['state'][]) => hosts.filter(({ state }) => states.includes(state.state));
  const [login, failed, waiting, connecting] = [inState('loginNeeded'), inState('error'), inState('waiting'), inState('connecting')];
  if (login.length > 0) return { icon: 'key', text: t('log-in needed for {0}', namesOf(login)), isWarning: true };
  if (failed.length > 0) return { icon: 'error', text: t('{0} is not connected', namesOf(failed)), isWarning: true };
  if (waiting.length > 0) return { icon: 'debug-disconnect', text: t('{0} is not connected', namesOf(waiting)), isWarning: false };
  if (connecting.length > 0) return { icon: 'sync~spin', text: t('connecting to {0}', namesOf(connecting)), isWarning: false };
  return { icon: running > 0 ? 'sync~spin' : 'plug', text: namesOf(hosts) || '–', isWarning: false };
}

function namesOf(hosts: readonly Shown[]): string {
  return hosts.length <= shownNames ? hosts.map(({ name }) => safeText(name, 30)).join(', ') : t('{0} hosts', hosts.length);
}

function describeHostState({ name, state }: Shown): string {
  const line = `${safeText(name, 80)}: ${describeState(state)}`;
  return state.error === undefined ? line : `${line}. ${safeText(describeError(state.error), 300)}`;
}
