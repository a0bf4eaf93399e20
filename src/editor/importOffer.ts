import { type Uri, window, workspace } from 'vscode';
import type { Memento } from 'vscode';
import type { Disposable } from '../core/events.ts';
import { t } from '../core/l10n.ts';
import type { ImportContext } from './importHosts.ts';
import { type ImportPlace, workspacePlaces } from './importPlaces.ts';

const offeredKey = 'importOffered';

/** Says once in a trusted workspace that an extension for SFTP has hosts in it, unless they are all there. */
export function offerImport(context: ImportContext, state: Memento, failed: (error: unknown) => void): Disposable {
  const offer = () => void offerOnce(context, state).catch(failed);
  if (workspace.isTrusted) offer();
  return workspace.onDidGrantWorkspaceTrust(offer);
}

async function offerOnce(context: ImportContext, state: Memento): Promise<void> {
  if (state.get<boolean>(offeredKey, false)) return;
  const there = await Promise.all(workspacePlaces().map(async (place) => ((await isThere(place.uri)) ? [place] : [])));
  const places = there.flat().filter(({ uri }) => /\/(?:sftp|ftp-kr)\.json$/.test(uri.path));
  if (places.length === 0 || !(await holdsNews(context, places))) return;
  await state.update(offeredKey, true);
  const show = t('Show Them…');
  const message = t('Another extension keeps servers in this workspace. Ferry can take them over, with passwords in the keychain.');
  if ((await window.showInformationMessage(message, show)) !== show) return;
  // Few windows have such a file: what reads them is loaded where one does.
  const { importFromWorkspace } = await import('./importHosts.ts');
  await importFromWorkspace(context);
}

async function holdsNews({ hosts }: ImportContext, places: readonly ImportPlace[]): Promise<boolean> {
  const [{ readKnown }, { candidatesOf }] = await Promise.all([import('./importFiles.ts'), import('./importPreview.ts')]);
  return candidatesOf(await readKnown(places), hosts.all).some(({ existing }) => existing === undefined);
}

async function isThere(uri: Uri): Promise<boolean> {
  return await Promise.resolve(workspace.fs.stat(uri)).then(
    () => true,
    () => false,
  );
}
