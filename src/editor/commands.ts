import { commands, env, window } from 'vscode';
import type { Disposable } from '../core/events.ts';
import type { Host } from '../core/host.ts';
import { t } from '../core/l10n.ts';
import { proxyOwner } from '../core/proxy.ts';
import type { Pool } from '../core/pool.ts';
import { safeText } from '../core/text.ts';
import type { Transfers } from '../core/transfers.ts';
import { askChoice } from './choice.ts';
import type { RegisterCommand } from './command.ts';
import { suggestName } from './hostNames.ts';
import type { ShowFailure } from './failures.ts';
import { hostChoices } from './hostChoices.ts';
import { chosenRows, isBookmarkRow, isFileRow, isHostRow } from './tree/rows.ts';
import type { HostWizard } from './wizard.ts';
import type { SavedHosts } from './hosts.ts';
import { withLateProgress } from './lateProgress.ts';
import type { LogChannel } from './logChannel.ts';
import type { Destination, FolderOpener } from './openFolder.ts';
import type { Secrets } from './secrets.ts';
import type { SshConfigHosts } from './sshConfigHosts.ts';
import type { SeenHosts } from './statusBar.ts';
import { back } from './textInput.ts';
import type { Trust } from './trust.ts';
import type { TypedSecrets } from './typedSecrets.ts';
import { uriOf } from './uri.ts';

export interface CommandContext {
  readonly register: RegisterCommand;
  readonly hosts: SavedHosts;
  readonly configured: SshConfigHosts;
  /** Also one that is not saved but open. */
  findHost(name: string): Host | undefined;
  readonly pool: Pool;
  readonly transfers: Transfers;
  readonly seen: SeenHosts;
  readonly secrets: Secrets;
  readonly typed: TypedSecrets;
  readonly trust: Trust;
  readonly wizard: HostWizard;
  readonly opener: FolderOpener;
  readonly log: LogChannel;
  readonly failed: ShowFailure;
}

/** The commands about hosts. Their arguments may come from anywhere: beside a row of the view, only the name of a saved host is taken from them. */
export function registerHostCommands(context: CommandContext): Disposable {
  const { register, opener, wizard, hosts, configured } = context;
  const onHost = (act: (host: Host) => Promise<void>) => async (argument: unknown) => {
    const host = await hostFrom(hosts, argument, configured);
    if (host !== undefined) await act(host);
  };
  const onHosts = (act: (host: Host) => Promise<void>) => async (argument: unknown, selected: unknown) => {
    await Promise.all((await hostsFrom(hosts, argument, selected, configured)).map(act));
  };
  const onSaved = (act: (host: Host) => Promise<void>) => async (argument: unknown) => {
    const host = await hostFrom(hosts, argument);
    if (host !== undefined) await act(host);
  };
  const opens = (destination: Destination) => {
    const openHost = onHost((host) => opener.open(host, destination));
    return (argument: unknown) =>
      isFileRow(argument) || isBookmarkRow(argument) ? opener.openAt(argument.uri, destination) : openHost(argument);
  };
  const registered = [
    register('ferry.addHost', () => addHost(context)),
    register('ferry.openRemoteFolder', () => opener.choose()),
    register('ferry.openFolder', opens('thisWindow')),
    register('ferry.openInNewWindow', opens('newWindow')),
    register('ferry.addToWorkspace', opens('workspace')),
    register(
      'ferry.connect',
      onHosts((host) => connect(context, host)),
    ),
    register(
      'ferry.disconnect',
      onHosts((host) => disconnect(context, host.name)),
    ),
    register('ferry.editHost', async (argument) => {
      const host = namedHost(hosts, argument) ?? (await hostFrom(hosts, argument));
      if (host !== undefined) await wizard.edit(host);
    }),
    register(
      'ferry.duplicateHost',
      onSaved((host) => duplicate(context, host)),
    ),
    register('ferry.removeHost', async (argument, selected) => {
      const { removeHosts } = await import('./removeHosts.ts');
      await removeHosts(context, await hostsFrom(hosts, argument, selected));
    }),
    register(
      'ferry.hostLook',
      onSaved(async (host) => (await import('./hostLook.ts')).askHostLook(hosts, host.name)),
    ),
    register(
      'ferry.renameHost',
      onSaved((host) => wizard.rename(host)),
    ),
    register(
      'ferry.hostSettings',
      onSaved((host) => wizard.settings(host)),
    ),
    register('ferry.copyUri', async (argument, selected) => {
      const bookmarks = chosenRows(argument, selected).filter(isBookmarkRow);
      const chosen = bookmarks.length > 0 ? [] : await hostsFrom(hosts, argument, selected, configured);
      const uris = [...bookmarks.map(({ uri }) => uri), ...chosen.map((host) => uriOf(host, host.root ?? '/'))];
      if (uris.length > 0) await env.clipboard.writeText(uris.join('\n'));
    }),
    register(
      'ferry.forgetSecrets',
      onHost((host) => forgetSecrets(context, host)),
    ),
    ...registerOtherCommands(context),
  ];
  return { dispose: () => registered.forEach((command) => command.dispose()) };
}

function registerOtherCommands(context: CommandContext): Disposable[] {
  const { register, hosts, configured, pool, transfers, seen, secrets, typed, trust, log, failed } = context;
  const find = (name: string) => hosts.find(name) ?? configured.find(name);
  return [
    register('ferry.openSettings', async () => {
      await commands.executeCommand('workbench.action.openSettingsJson', { revealSetting: { key: 'ferry.hosts' } });
    }),
    register('ferry.showLog', () => log.show()),
    register('ferry.showRunning', async () =>
      (await import('./runningWork.ts')).showRunningWork(pool, transfers, seen, {
        connect: (name) => {
          const host = context.findHost(name);
          if (host !== undefined) void connect(context, host).catch(failed);
        },
        disconnect: (name) => void disconnect(context, name).catch(failed),
      }),
    ),
    register('ferry.forgetTrusted', async () => (await import('./trustCommands.ts')).forgetTrusted(trust)),
    register('ferry.replaceIdentity', async (argument) => {
      const named = isHostRow(argument) ? find(argument.name) : undefined;
      const names = named === undefined ? seen.names : [named.name];
      const { replaceIdentity } = await import('./trustCommands.ts');
      const name = await replaceIdentity(pool, trust, names, async (place) => {
        typed.forgetAll(place);
        await secrets.forgetUnbound(place);
      });
      const host = name === undefined ? undefined : find(name);
      if (host !== undefined) await connect(context, host);
    }),
  ];
}

function namedHost(hosts: SavedHosts, argument: unknown): Host | undefined {
  return typeof argument === 'string' ? hosts.find(argument) : undefined;
}

/**
 * The host of a row of the view, else the one that the person chooses: a saved one, or one of `configured`. A name is a proposal only: it may
 * be in a link that somebody else wrote, and no link connects.
 */
export async function hostFrom(hosts: SavedHosts, argument: unknown, configured?: SshConfigHosts): Promise<Host | undefined> {
  if (isHostRow(argument)) return hosts.find(argument.name) ?? configured?.find(argument.name);
  const named = namedHost(hosts, argument);
  if (argument !== undefined && named === undefined) return undefined;
  const others = (await configured?.load()) ?? [];
  if (hosts.all.length + others.length === 0) {
    const add = t('Add Host…');
    if ((await window.showInformationMessage(t('There are no saved hosts yet.'), add)) === add)
      await commands.executeCommand('ferry.addHost');
    return undefined;
  }
  const answer = await askChoice({
    title: 'Ferry',
    placeholder: t('Which host?'),
    choices: hostChoices(hosts.all, others, configured),
    active: named,
  });
  return answer === undefined || answer === back ? undefined : answer.value;
}

/** The hosts of the rows that are selected along with the one that a command was called on; else as `hostFrom`. */
async function hostsFrom(hosts: SavedHosts, argument: unknown, selected: unknown, configured?: SshConfigHosts): Promise<readonly Host[]> {
  const rows = chosenRows(argument, selected).filter(isHostRow);
  if (rows.length > 1) return rows.flatMap(({ name }) => hosts.find(name) ?? configured?.find(name) ?? []);
  const host = await hostFrom(hosts, argument, configured);
  return host === undefined ? [] : [host];
}

async function addHost({ wizard, opener }: CommandContext): Promise<void> {
  const host = await wizard.add();
  if (host === undefined) return;
  const open = t('Open Folder');
  if ((await window.showInformationMessage(t('{0} was added.', host.name), open)) === open) await opener.open(host, 'thisWindow');
}

async function connect({ pool }: CommandContext, host: Host): Promise<void> {
  await withLateProgress(t('Connecting to {0}', host.name), (signal) => pool.connect(host, signal));
}

/** A person who disconnects wants to be asked again: what was typed for this session goes, what is in the keychain stays. */
async function disconnect({ pool, hosts, configured, typed }: CommandContext, name: string): Promise<void> {
  await pool.disconnect(name);
  const place = hosts.find(name) ?? configured.placeOf(name);
  if (place !== undefined) typed.forgetAll(place);
}

async function duplicate({ hosts }: CommandContext, { name }: Host): Promise<void> {
  const item = hosts.item(name);
  if (item === undefined) return;
  const taken = hosts.all.map((host) => host.name);
  await hosts.add({ ...item, name: suggestName(name, taken) }, name);
}

async function forgetSecrets({ secrets, typed, hosts, configured }: CommandContext, host: Host): Promise<void> {
  const place = (hosts.find(host.name) === undefined ? configured.placeOf(host.name) : undefined) ?? host;
  typed.forgetAll(place);
  const proxy = proxyOwner(host.proxy);
  if (proxy !== undefined) typed.forgetAll(proxy);
  const count = (await secrets.forgetAll(place)) + (proxy === undefined ? 0 : await secrets.forgetAll(proxy));
  const name = safeText(host.name, 80);
  void window.showInformationMessage(
    count === 0 ? t('No password or passphrase of {0} was saved.', name) : t('The passwords and passphrases of {0} were removed.', name),
  );
}
