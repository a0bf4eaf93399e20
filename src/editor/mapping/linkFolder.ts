import { ConfigurationTarget, type Uri, window, workspace } from 'vscode';
import type { WorkspaceFolder } from 'vscode';
import { RemoteError } from '../../core/errors.ts';
import type { Host } from '../../core/host.ts';
import { t } from '../../core/l10n.ts';
import { safeText } from '../../core/text.ts';
import type { Pool } from '../../core/pool.ts';
import { askChoice } from '../choice.ts';
import { browseFolders } from '../folderPicker.ts';
import { withLateProgress } from '../lateProgress.ts';
import { askText, back } from '../textInput.ts';
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
  const value = settings.inspect('mappings')?.workspaceFolderValue;
  const before: readonly unknown[] = Array.isArray(value) ? (value as unknown[]) : [];
  const known = before.find((item): item is Fields => localOf(item) === local);
  const item = known === undefined ? { local, remote: address } : await changed(known, address, host.name);
  if (item === undefined) return;
  const after = known === undefined ? [...before, item] : before.map((each) => (each === known ? item : each));
  await settings.update('mappings', after, ConfigurationTarget.WorkspaceFolder);
  void window.showInformationMessage(
    t('{0} is linked to {1}: what you save in it is uploaded.', safeText(local === '.' ? folder.name : local, 100), safeText(address, 200)),
  );
}

type Fields = Readonly<Record<string, unknown>>;

/** A folder that is linked already: its options stay. Undefined: the person left it. */
async function changed(known: Fields, address: string, hostName: string): Promise<Fields | undefined> {
  const { remote, targets, ...options } = known;
  const places = targetsOf(remote, targets);
  const choices = [
    { value: 'add', label: t('Add as Another Target…'), description: t('the status bar switches between them') },
    { value: 'replace', label: t('Replace'), description: safeText(Object.values(places).join(', '), 200) },
  ] as const;
  const title = t('Link Folder');
  const answer = await askChoice({ title, placeholder: t('This folder is linked already.'), choices });
  if (typeof answer !== 'object') return undefined;
  if (answer.value === 'replace') return { ...options, remote: address };
  const names = Object.keys(places).map((name) => name.toLowerCase());
  const validate = (text: string) => {
    if (text.trim() === '') return t('Enter a name.');
    return names.includes(text.trim().toLowerCase()) ? t('There is a target of this name.') : undefined;
  };
  const name = await askText({ title, prompt: t('What is the new target called?'), value: names.length > 0 ? '' : hostName, validate });
  return typeof name === 'object' ? { ...options, targets: { ...places, [name.value.trim()]: address } } : undefined;
}

/** The only one of a folder is called as its host. */
function targetsOf(remote: unknown, targets: unknown): Readonly<Record<string, string>> {
  if (typeof targets === 'object' && targets !== null) return { ...(targets as Record<string, string>) };
  return typeof remote === 'string' ? { [/^\w+:\/\/([^/]*)/.exec(remote)?.[1] ?? remote]: remote } : {};
}

function localOf(item: unknown): string | undefined {
  if (typeof item !== 'object' || item === null) return undefined;
  const local = (item as Fields)['local'] ?? '.';
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
