import { window, type QuickPickItem } from 'vscode';
import { recommended } from '../core/diagnosis/advice.ts';
import type { Diagnosis } from '../core/diagnosis/diagnosis.ts';
import { shownValue } from '../core/diagnosis/document.ts';
import { effective, type SettingChange } from '../core/diagnosis/settingChange.ts';
import { t } from '../core/l10n.ts';
import { safeText } from '../core/text.ts';
import { changeHost, itemOf } from './hostChanges.ts';
import type { SavedHosts } from './hosts.ts';
import type { HostItem } from './settings.ts';

interface ChangeItem extends QuickPickItem {
  readonly change: SettingChange;
}

/** Shows each change of the recommended settings, and makes those that stay ticked in the person's own settings. */
export async function applyRecommended(hosts: SavedHosts, diagnosis: Diagnosis): Promise<void> {
  const { host, findings } = diagnosis;
  const saved = hosts.item(host.name);
  const item = saved ?? itemOf(host, hosts);
  const changes = effective(item, recommended(findings, host));
  const name = safeText(host.name, 80);
  if (changes.length === 0) {
    void window.showInformationMessage(t('There is nothing to change in the settings of {0}.', name));
    return;
  }
  const picked = await pickChanges(
    item,
    changes,
    saved === undefined ? t('Save {0} with these settings', name) : t('Change the settings of {0}', name),
  );
  if (picked === undefined || (saved !== undefined && picked.length === 0)) return;
  const changed = await changeHost(hosts, host, picked);
  void window.showInformationMessage(t('The settings of {0} were changed.', safeText(changed.name, 80)));
}

async function pickChanges(
  item: HostItem,
  changes: readonly SettingChange[],
  title: string,
): Promise<readonly SettingChange[] | undefined> {
  const items = changes.map((change): ChangeItem => {
    const { key, value, weakens } = change;
    const label = `${key}: ${shownValue(item[key])} → ${shownValue(value)}`;
    return { label, change, picked: weakens !== true, ...(weakens && { description: t('less safe') }) };
  });
  const picked = await window.showQuickPick(items, { title, canPickMany: true, placeHolder: t('Untick what is to stay as it is') });
  return picked?.map(({ change }) => change);
}
