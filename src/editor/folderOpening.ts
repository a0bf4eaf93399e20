import { commands, QuickPickItemKind, ThemeIcon, type Uri, workspace } from 'vscode';
import type { Host } from '../core/host.ts';
import { t } from '../core/l10n.ts';
import { basename } from '../core/path.ts';
import { safeText } from '../core/text.ts';
import type { Pool } from '../core/pool.ts';
import { askChoice, type Choice } from './choice.ts';
import { type FolderChoice, folderChoices, pressed } from './folderChoices.ts';
import { browseFolders } from './folderPicker.ts';
import { complaints } from './hostAnswers.ts';
import { hostOfPasted, parsePasted } from './pastedAddress.ts';
import { hostChoices } from './hostChoices.ts';
import type { SavedHosts } from './hosts.ts';
import { withLateProgress } from './lateProgress.ts';
import type { Destination, FolderOpenerContext } from './openFolder.ts';
import { samePlace } from './secrets.ts';
import { askText, back } from './textInput.ts';
import type { TypedSecrets } from './typedSecrets.ts';
import { uriOf } from './uri.ts';

export async function openHost(pool: Pool, host: Host, destination: Destination): Promise<void> {
  await openUri(uriOf(host, host.root ?? (await homeOf(pool, host))), destination);
}

/** Lets the person choose a host, or type an address, and then a folder on the server. */
export async function chooseAndOpen(context: FolderOpenerContext): Promise<void> {
  const { pool } = context;
  for (;;) {
    const start = await chooseStart(context);
    if (start === undefined) return;
    const folder = start.path ?? start.host.root ?? (await homeOf(pool, start.host));
    const chosen = await browseFolders(pool, start.host, folder);
    if (chosen === undefined) return;
    if (chosen === back) continue;
    await openUri(uriOf(start.host, chosen.path), chosen.destination);
    return;
  }
}

async function homeOf(pool: Pool, host: Host): Promise<string> {
  return await withLateProgress(t('Connecting to {0}', host.name), async (signal) => {
    await pool.connect(host, signal);
    return await pool.run(host, (remote) => Promise.resolve(remote.facts.home), { signal, repeatable: true });
  });
}

export async function openUri(uri: Uri, destination: Destination): Promise<void> {
  const { authority, path } = uri;
  if (destination === 'workspace') {
    const name = path === '/' ? authority : `${safeText(basename(path), 100)} (${authority})`;
    if (workspace.getWorkspaceFolder(uri)?.uri.toString() === uri.toString()) return;
    workspace.updateWorkspaceFolders(workspace.workspaceFolders?.length ?? 0, 0, { uri, name });
  } else await commands.executeCommand('vscode.openFolder', uri, { forceNewWindow: destination === 'newWindow' });
}

interface Start {
  readonly host: Host;
  /** Undefined: the host's own folder. */
  readonly path: string | undefined;
}

type Answer = Host | FolderChoice | 'address' | 'add' | 'clear' | 'none';

async function chooseStart(context: FolderOpenerContext): Promise<Start | undefined> {
  const { hosts, typed, wizard, remembered } = context;
  const choices = await startChoices(context);
  let button: Promise<void> | undefined;
  const answer = await askChoice<Answer>({
    ...{ title: t('Open Remote Folder'), placeholder: t('On which server?'), choices },
    onButton(value, pressedButton) {
      if (typeof value === 'object' && 'folder' in value) button = pressed(remembered, value, pressedButton);
    },
  });
  if (button !== undefined || (answer !== undefined && answer !== back && answer.value === 'clear')) {
    await (button ?? remembered.recent.clear());
    return await chooseStart(context);
  }
  if (answer === undefined || answer === back || answer.value === 'none' || answer.value === 'clear') return undefined;
  if (answer.value === 'add') {
    const host = await wizard.add();
    return host === undefined ? undefined : { host, path: undefined };
  }
  if (answer.value === 'address') return await askAddress(hosts, typed);
  return 'folder' in answer.value ? answer.value.place : { host: answer.value, path: undefined };
}

/** Bookmarks and what was opened lately on top, then the hosts. */
async function startChoices({ hosts, configured, remembered, locate }: FolderOpenerContext): Promise<readonly Choice<Answer>[]> {
  const others = await configured.load();
  const folders = folderChoices<Answer>(remembered, locate, 'none');
  const clear = { value: 'clear', label: t('Clear Recent'), iconPath: new ThemeIcon('clear-all') } as const;
  const heading = { value: 'none', label: t('hosts'), kind: QuickPickItemKind.Separator } as const;
  return [
    ...folders,
    ...(remembered.recent.all.length > 0 ? [clear] : []),
    ...(folders.length > 0 ? [heading] : []),
    ...hostChoices(hosts.all, others, configured),
    { value: 'address', label: t('Enter an Address…'), alwaysShow: true },
    { value: 'add', label: t('Add Host…'), alwaysShow: true },
  ];
}

async function askAddress(hosts: SavedHosts, typed: TypedSecrets): Promise<Start | undefined> {
  const answer = await askText({
    title: t('Open Remote Folder'),
    prompt: t('Address of the folder. A password in it is not kept.'),
    placeholder: 'sftp://user@example.org/var/www',
    validate: (value) => {
      const pasted = parsePasted(value);
      if (pasted === undefined) return t('Enter an address that begins with sftp://, ftps:// or ftp://.');
      return complaints.address(pasted.address) ?? complaints.port(pasted.port) ?? complaints.user(pasted.user);
    },
  });
  const pasted = answer === undefined || answer === back ? undefined : parsePasted(answer.value);
  if (pasted === undefined) return undefined;
  const named = pasted.user === '' && pasted.port === '' ? hosts.find(pasted.address) : undefined;
  const host = named?.protocol === hostOfPasted(pasted).protocol ? named : savedAt(hosts, hostOfPasted(pasted));
  if (pasted.password !== undefined && host.user !== undefined) {
    const { protocol, user, address, port } = host;
    typed.set(host.name, { owner: { protocol, user, address, port }, kind: 'password' }, pasted.password, false);
  }
  return { host, path: pasted.path === '' || pasted.path === '/' ? undefined : pasted.path };
}

/** The saved host for the same login, so that its options and its name hold; else the unsaved one. */
function savedAt(hosts: SavedHosts, host: Host): Host {
  return hosts.all.find((saved) => samePlace(saved, host)) ?? host;
}
