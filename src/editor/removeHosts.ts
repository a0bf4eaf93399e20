import { window } from 'vscode';
import type { Host } from '../core/host.ts';
import { t } from '../core/l10n.ts';
import type { Pool } from '../core/pool.ts';
import type { SecretOwner } from '../core/prompts.ts';
import { proxyOwner } from '../core/proxy.ts';
import type { SavedHosts } from './hosts.ts';
import { samePlace } from './secrets.ts';
import type { Secrets } from './secrets.ts';
import type { TypedSecrets } from './typedSecrets.ts';

export interface RemoveHostsContext {
  readonly hosts: SavedHosts;
  readonly secrets: Secrets;
  readonly typed: TypedSecrets;
  readonly pool: Pool;
}

/** Removes saved hosts after one question, with the secrets that no other host shares. */
export async function removeHosts(context: RemoveHostsContext, removed: readonly Host[]): Promise<void> {
  const { hosts, secrets, pool } = context;
  const [first] = removed;
  if (first === undefined) return;
  const staying = hosts.all.filter((host) => !removed.includes(host));
  const isShared = (host: Host) => staying.some((other) => samePlace(other, host));
  const count = removed.reduce((sum, host) => sum + (isShared(host) ? 0 : secrets.count(host)), 0);
  const button = t('Remove');
  const names = removed.map(({ name }) => name).join(', ');
  const question = removed.length === 1 ? t('Remove the host {0}?', first.name) : t('Remove these {0} hosts: {1}?', removed.length, names);
  const detail =
    count === 0
      ? t('Nothing on the server changes.')
      : t("Its passwords and passphrases in this computer's keychain are removed too. Nothing on the server changes.");
  if ((await window.showWarningMessage(question, { modal: true, detail }, button)) !== button) return;
  await Promise.all(removed.map(({ name }) => pool.disconnect(name)));
  for (const host of removed) await forgetSecretsOf(context, host, staying);
  await hosts.remove(removed.map(({ name }) => name));
}

async function forgetSecretsOf({ secrets, typed }: RemoveHostsContext, host: Host, staying: readonly Host[]): Promise<void> {
  if (!staying.some((other) => samePlace(other, host))) {
    typed.forgetAll(host);
    await secrets.forgetAll(host);
  }
  const proxy = proxyOwner(host.proxy);
  if (proxy === undefined || staying.some((other) => isOf(proxy, proxyOwner(other.proxy)))) return;
  typed.forgetAll(proxy);
  await secrets.forgetAll(proxy);
}

function isOf(one: SecretOwner, other: SecretOwner | undefined): boolean {
  return other !== undefined && samePlace(one, other);
}
