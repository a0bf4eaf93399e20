import * as vscode from 'vscode';
import type { Disposable } from '../core/events.ts';
import type { Host } from '../core/host.ts';
import { t } from '../core/l10n.ts';
import { removeTemporary } from '../core/operations/temporary.ts';
import type { Pool } from '../core/pool.ts';
import { safeText } from '../core/text.ts';
import type { Journal, KeptCopy } from './journal.ts';

/**
 * What a window that ended in mid-save has left: its temporaries are removed from the server at the next connection — exactly the
 * names in the journal — and contents that it kept on this computer are offered, once a session.
 */
export function watchLeftovers(pool: Pool, journal: Journal, findHost: (name: string) => Host | undefined): Disposable {
  const looked = new Set<string>();
  return pool.onDidChangeState((name) => {
    if (pool.state(name).state !== 'connected' || looked.has(name)) return;
    const host = findHost(name);
    if (!host) return;
    looked.add(name);
    void removeTemporaries(pool, journal, host).catch(() => looked.delete(name));
    void offerCopies(journal, host).catch(() => looked.delete(name));
  });
}

async function removeTemporaries(pool: Pool, journal: Journal, host: Host): Promise<void> {
  const left = await journal.temporaries(host);
  if (left.length === 0) return;
  const notes = journal.forHost(host);
  await pool.run(
    host,
    async (remote) => {
      for (const path of left) await removeTemporary(remote, path, notes);
    },
    { lane: 'bulk' },
  );
}

async function offerCopies(journal: Journal, host: Host): Promise<void> {
  for (const copy of await journal.copies(host)) {
    const [show, discard] = [t('Show Both Versions'), t('Discard Them')];
    const choice = await vscode.window.showWarningMessage(
      t(
        'Saving {0} on {1} was interrupted on {2}. What it held and what was to be saved are kept on this computer.',
        safeText(copy.path, 200),
        safeText(host.name, 80),
        new Date(copy.time).toLocaleString(),
      ),
      show,
      discard,
    );
    if (choice === discard) await copy.discard();
    else if (choice === show) await showCopy(copy);
  }
}

async function showCopy({ location, path, aside }: KeptCopy): Promise<void> {
  const file = (name: string) => vscode.Uri.joinPath(vscode.Uri.file(location), name);
  if (aside !== undefined) await vscode.window.showTextDocument(file('new'));
  else await vscode.commands.executeCommand('vscode.diff', file('old'), file('new'), t('{0} (before ↔ to be saved)', safeText(path, 100)));
}
