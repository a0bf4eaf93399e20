import { window } from 'vscode';
import { byOpenssh, changedItem, type SettingChange } from '../core/diagnosis/settingChange.ts';
import type { Host } from '../core/host.ts';
import { t } from '../core/l10n.ts';
import { safeText } from '../core/text.ts';
import type { FailuresContext } from './failures.ts';
import { hostOf } from './hostDraft.ts';
import { suggestName } from './hostNames.ts';
import type { SavedHosts } from './hosts.ts';
import { withLateProgress } from './lateProgress.ts';
import type { HostItem } from './settings.ts';

/** Changes the settings of a host; one that is not saved yet is. Refuses what would be no host. */
export async function changeHost(hosts: SavedHosts, host: Host, changes: readonly SettingChange[]): Promise<Host> {
  const saved = hosts.item(host.name);
  const changed = changedItem(saved ?? itemOf(host, hosts), changes);
  const result = hostOf(changed);
  if (saved === undefined) await hosts.add(changed);
  else await hosts.replace(host.name, changed);
  return result;
}

/** The setting of a host that is not saved: one of the ssh config goes on following it, under its own name. */
export function itemOf({ protocol, address, port, user, root, sftp }: Host, hosts: SavedHosts): HostItem {
  const name = suggestName(
    address,
    hosts.all.map((host) => host.name),
  );
  const { sshConfig } = sftp;
  const where = sshConfig === undefined ? { address, port } : { sshConfigHost: sshConfig.host, ...(sshConfig.port && { port }) };
  return { name, protocol, ...where, ...(user !== undefined && { user }), ...(root !== undefined && { root }) };
}

/** The person's own `ssh` carries the connections of a host from now on; one is made. */
export async function useOpenssh({ hosts, connect }: FailuresContext, host: Host): Promise<void> {
  const changed = await changeHost(hosts, host, byOpenssh(host));
  const name = safeText(changed.name, 80);
  await withLateProgress(t('Connecting to {0}', name), (signal) => connect(changed, signal));
  void window.showInformationMessage(t('{0} is connected through your own “ssh”.', name));
}
