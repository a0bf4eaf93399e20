import { ConfigurationTarget, type Uri, window, workspace } from 'vscode';
import type { WorkspaceFolder } from 'vscode';
import { RemoteError } from '../../core/errors.ts';
import type { Host } from '../../core/host.ts';
import { t } from '../../core/l10n.ts';
import { safeText } from '../../core/text.ts';
import type { Pool } from '../../core/pool.ts';
import { browseFolders } from '../folderPicker.ts';
import { withLateProgress } from '../lateProgress.ts';
import { back } from '../textInput.ts';
import { uriOf } from '../uri.ts';

export interface LinkFolderParts {
  readonly pool: Pool;
  readonly chooseHost: () => Promise<Host | undefined>;
}

/** Links a folder of the workspace (`chosen`, or the only one, or one that is asked for) to a folder on a server, in the workspace's settings. */
export async function linkFolder({ pool, chooseHost }: LinkFolderParts, chosen: Uri | undefined): Promise<void> {
  const folder = await workspaceFolderOf(chosen);
  if (folder === undefined) return;
  const host = await chooseHost();
  if (host === undefined) return;
  const start = host.root ?? (await homeOf(pool, host));
  const remote = await browseFolders(pool, host, start);
  if (remote === undefined || remote === back) return;
  const local = chosen === undefined || chosen.path === folder.uri.path ? '.' : chosen.path.slice(folder.uri.path.length + 1);
  const address = uriOf(host, remote.path).toString(true);
  const settings = workspace.getConfiguration('ferry', folder.uri);
  const before = settings.inspect('mappings')?.workspaceFolderValue;
  const others = (Array.isArray(before) ? (before as unknown[]) : []).filter((item) => localOf(item) !== local);
  await settings.update('mappings', [...others, { local, remote: address }], ConfigurationTarget.WorkspaceFolder);
  void window.showInformationMessage(
    t('{0} is linked to {1}: what you save in it is uploaded.', safeText(local === '.' ? folder.name : local, 100), safeText(address, 200)),
  );
}

function localOf(item: unknown): string | undefined {
  if (typeof item !== 'object' || item === null) return undefined;
  const local = (item as Record<string, unknown>)['local'] ?? '.';
  return typeof local === 'string' ? local : undefined;
}

async function workspaceFolderOf(chosen: Uri | undefined): Promise<WorkspaceFolder | undefined> {
  if (!workspace.isTrusted) throw new RemoteError('Untrusted', t('Folders are linked in trusted workspaces only.'));
  if (chosen !== undefined) {
    const found = chosen.scheme === 'file' ? workspace.getWorkspaceFolder(chosen) : undefined;
    if (found === undefined) void window.showInformationMessage(t('Only a folder of the workspace can be linked.'));
    return found;
  }
  const local = (workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
  if (local.length === 0) void window.showInformationMessage(t('Open a folder of this computer first.'));
  return local.length <= 1 ? local[0] : await window.showWorkspaceFolderPick();
}

async function homeOf(pool: Pool, host: Host): Promise<string> {
  return await withLateProgress(t('Connecting to {0}', host.name), async (signal) => {
    await pool.connect(host, signal);
    return await pool.run(host, (remote) => Promise.resolve(remote.facts.home), { signal, repeatable: true });
  });
}
