import { window } from 'vscode';
import type { Host } from '../core/host.ts';
import { t } from '../core/l10n.ts';
import { describeHost } from './tree/hostItem.ts';
import type { SshConfigHosts } from './sshConfigHosts.ts';

/** The saved hosts, then those of the ssh config, as the choices of a list. */
export function hostChoices(
  saved: readonly Host[],
  others: readonly Host[],
  configured: Pick<SshConfigHosts, 'placeOf'> | undefined,
): readonly { readonly value: Host; readonly label: string; readonly description: string }[] {
  return [
    ...saved.map((host) => ({ value: host, label: host.name, description: describeHost(host) })),
    ...others.map((host) => {
      const place = describeHost({ ...host, ...configured?.placeOf(host.name), protocol: host.protocol });
      return { value: host, label: host.name, description: t('{0} · from your ssh config', place) };
    }),
  ];
}

/** Several of the saved hosts, ticked by the person; undefined where none is. */
export async function askManyHosts(saved: readonly Host[], placeHolder: string): Promise<readonly Host[] | undefined> {
  const picked = await window.showQuickPick(hostChoices(saved, [], undefined), {
    canPickMany: true,
    placeHolder,
    matchOnDescription: true,
  });
  return picked === undefined || picked.length === 0 ? undefined : picked.map(({ value }) => value);
}
