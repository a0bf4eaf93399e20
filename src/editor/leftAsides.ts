import * as vscode from 'vscode';
import type { Host } from '../core/host.ts';
import { t } from '../core/l10n.ts';
import { discardOn } from '../core/operations/discard.ts';
import { settleAside } from '../core/operations/leftAside.ts';
import type { Swap } from '../core/operations/save.ts';
import type { Pool } from '../core/pool.ts';
import type { Remote } from '../core/remote.ts';
import { safeText } from '../core/text.ts';
import type { Journal } from './journal.ts';

/** Ends what a crashed window was replacing on `host`: what stepped aside comes back where nothing took its place, and the person is told. */
export async function settleAsides(pool: Pool, journal: Journal, host: Host): Promise<void> {
  const left = await journal.asides(host);
  const notes = journal.forHost(host);
  for (const swap of left) {
    try {
      const settle = (remote: Remote) => settleAside(remote, swap, notes, discardOn(host));
      const outcome = await pool.run(host, settle, { lane: 'bulk', changes: 'begun' });
      const message = told(outcome, swap, host);
      if (message !== undefined) void vscode.window.showWarningMessage(message);
    } catch {
      // It stays where it is and in the journal, for the next connection.
    }
  }
}

function told(outcome: Awaited<ReturnType<typeof settleAside>>, { to, aside }: Swap, { name }: Host): string | undefined {
  const [path, hidden, host] = [safeText(to, 200), safeText(aside, 200), safeText(name, 80)];
  if (outcome === 'restored') return t('Replacing {0} on {1} was interrupted. What was there before is back.', path, host);
  if (outcome === 'kept') return t('Replacing {0} on {1} was interrupted. What was there before is kept as {2}.', path, host, hidden);
  return undefined;
}
