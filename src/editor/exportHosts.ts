import { homedir } from 'node:os';
import { join } from 'node:path';
import { Uri, window, workspace } from 'vscode';
import { RemoteError } from '../core/errors.ts';
import { exportHosts as textOf } from '../core/import/hostList.ts';
import { t } from '../core/l10n.ts';
import { safeText } from '../core/text.ts';
import { shownPlace } from './importFiles.ts';
import type { SavedHosts } from './hosts.ts';

/** Writes the saved hosts to a file of the person's choice. No password, passphrase or key is among what settings hold of a host. */
export async function exportHosts(hosts: SavedHosts): Promise<void> {
  const items = hosts.all.map(({ name }) => hosts.item(name)).filter((item) => item !== undefined);
  if (items.length === 0) {
    void window.showInformationMessage(t('There are no saved hosts yet.'));
    return;
  }
  const uri = await window.showSaveDialog({
    title: t('Export Hosts'),
    saveLabel: t('Export'),
    defaultUri: Uri.file(join(homedir(), 'ferry-hosts.json')),
    filters: { JSON: ['json'] },
  });
  if (uri === undefined) return;
  try {
    await workspace.fs.writeFile(uri, new TextEncoder().encode(textOf(items)));
  } catch (error) {
    throw new RemoteError('Denied', t('The file could not be written.'), { path: shownPlace(uri), cause: error });
  }
  const count = items.length === 1 ? t('1 host') : t('{0} hosts', items.length);
  void window.showInformationMessage(t('{0} written to {1}, without passwords.', count, safeText(shownPlace(uri), 200)));
}
