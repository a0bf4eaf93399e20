import * as vscode from 'vscode';
import type { Host } from '../core/host.ts';
import { t } from '../core/l10n.ts';
import { basename, contains, parent } from '../core/path.ts';
import { safeText } from '../core/text.ts';
import { askChoice, type Choice } from './choice.ts';
import type { History } from './history.ts';
import type { KeptVersion } from './historyEntries.ts';
import type { KeptVersions } from './keptVersions.ts';
import { withLateProgress } from './lateProgress.ts';
import { restoreTrashed } from './restoreTrashed.ts';
import { describeTime, restoreVersion } from './restoreVersion.ts';
import { back } from './textInput.ts';
import type { Trash } from './trash.ts';
import { hasTrash, type TrashHost } from './trashPurges.ts';
import { chooseTrashed } from './trashPicker.ts';
import { formatBytes } from './transferText.ts';
import { isRemote, type Location, uriOf } from './uri.ts';

export interface RestoreParts {
  readonly history: History;
  readonly trash: Trash;
  /** Where contents are shown from. */
  readonly shown: KeptVersions;
  /** Asks which host is meant; undefined when there is none or the person leaves. */
  chooseHost(argument: unknown): Promise<Host | undefined>;
  locate(uri: vscode.Uri): Location;
}

type Step = 'trash' | 'another' | { readonly versions: Location } | { readonly version: KeptVersion };

/** Brings back what was saved over or deleted. `chosen` may be anything. */
export interface Restore {
  /** Of the file that `chosen` is, else of the active editor's: its earlier versions, deleted files near it, the trash of its host. */
  restore(chosen: unknown): Promise<void>;
  /** Of the host that is meant. */
  showTrash(chosen: unknown): Promise<void>;
}

export function createRestore(parts: RestoreParts): Restore {
  const { history } = parts;
  const locate = (uri: vscode.Uri) => parts.locate(uri);

  const chooseAt = async (location: Location): Promise<void> => {
    const rows = await rowsFor(history, location);
    const name = location.path === '/' ? location.host.name : basename(location.path);
    const title = t('Restore: {0}', safeText(name, 100));
    const answer = await askChoice<Step>({ title, placeholder: t('Earlier versions, and what was deleted'), choices: rows });
    if (answer === undefined || answer === back) return;
    const { value } = answer;
    if (value === 'trash') await showTrashOf(parts, location.host);
    else if (value === 'another') await chooseOnHost(undefined);
    else if ('versions' in value) await chooseAt(value.versions);
    else await restoreVersion(history, parts.shown, location, value.version);
  };

  const chooseOnHost = async (chosen: unknown): Promise<void> => {
    const host = await parts.chooseHost(chosen);
    if (host !== undefined) await chooseAt(locate(uriOf(host, '/')));
  };

  return {
    async restore(chosen) {
      const uri = chosen instanceof vscode.Uri ? chosen : activeUri();
      if (uri !== undefined && isRemote(uri)) await chooseAt(locate(uri));
      else await chooseOnHost(undefined);
    },
    async showTrash(chosen) {
      const host = await parts.chooseHost(chosen);
      if (host !== undefined) await showTrashOf(parts, host);
    },
  };
}

function activeUri(): vscode.Uri | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  if (input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom) return input.uri;
  return input instanceof vscode.TabInputTextDiff ? input.modified : vscode.window.activeTextEditor?.document.uri;
}

/** So many other files are offered at most. */
const nearLimit = 200;

async function rowsFor(history: History, location: Location): Promise<Choice<Step>[]> {
  const { host, path } = location;
  const own = await history.versions(location);
  // A file that has versions is one; else it may be a folder, and what is below it is meant.
  const folder = own.length > 0 ? parent(path) : path;
  const near = (await history.latest(host)).filter((version) => version.path !== path && contains(folder, version.path));
  const others = near.toSorted((one, other) => Number(other.because === 'deleted') - Number(one.because === 'deleted'));
  const below = folder === '/' ? '' : folder;
  const rows: Choice<Step>[] = [
    ...own.map((version) => ({ ...describeVersion(version), label: describeTime(version.time), value: { version } })),
    ...others.slice(0, nearLimit).map((version) => ({
      ...describeVersion(version),
      label: safeText(version.path.slice(below.length + 1), 200),
      detail: t('Until {0}', describeTime(version.time)),
      value: { versions: { host, path: version.path, key: '' } },
    })),
    hasTrash(host)
      ? { label: t('Trash of {0}…', safeText(host.name, 80)), iconPath: new vscode.ThemeIcon('trash'), value: 'trash' as const }
      : { label: t('Something on another host…'), iconPath: new vscode.ThemeIcon('vm-outline'), value: 'another' as const },
  ];
  return rows;
}

function describeVersion({ size, because }: KeptVersion): Pick<vscode.QuickPickItem, 'description' | 'iconPath'> {
  const why = because === 'deleted' ? t('deleted') : t('replaced by a save');
  return { description: `${why} · ${formatBytes(size)}`, iconPath: new vscode.ThemeIcon(because === 'deleted' ? 'trash' : 'history') };
}

async function showTrashOf(parts: RestoreParts, host: Host): Promise<void> {
  if (!hasTrash(host)) {
    sayHowToHaveOne(host);
    return;
  }
  const { trash } = parts;
  for (;;) {
    const name = safeText(host.name, 80);
    const items = await withLateProgress(t('Looking into the trash of {0}', name), (signal) => trash.list(host, signal));
    const chosen = await chooseTrashed(trash, host, items);
    if (chosen === undefined) return;
    if (chosen.act === 'show') {
      await vscode.commands.executeCommand('vscode.open', uriOf(host, chosen.item.path));
      return;
    }
    if (chosen.act === 'restore') {
      const place = await restoreTrashed(trash, host, chosen.item);
      if (place !== undefined) sayRestored(host, place);
      return;
    }
    await removeForGood(trash, host, chosen.act === 'empty' ? chosen.items : [chosen.item]);
  }
}

async function removeForGood(trash: Trash, host: TrashHost, items: Parameters<Trash['remove']>[1]): Promise<void> {
  const button = t('Delete for Good');
  const [only] = items;
  const name = safeText(host.name, 80);
  const question =
    items.length === 1 && only !== undefined
      ? t('Delete {0} for good from the trash of {1}?', safeText(basename(only.from), 100), name)
      : t('Delete all {0} items in the trash of {1} for good?', items.length, name);
  const detail = t('They can not be restored afterwards.');
  if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, button)) === button) await trash.remove(host, items);
}

function sayRestored(host: Host, place: vscode.Uri): void {
  const message = t('{0} is back on {1}.', safeText(place.path, 200), safeText(host.name, 80));
  const show = t('Show');
  void vscode.window.showInformationMessage(message, show).then((answer) => {
    if (answer === show) void vscode.commands.executeCommand('revealInExplorer', place);
  });
}

function sayHowToHaveOne({ name }: Host): void {
  const settings = t('Edit Hosts in Settings');
  const message = t(
    '{0} has no trash: what you delete there is gone. Set “trash” of the host to a folder like “.ferry-trash”.',
    safeText(name, 80),
  );
  void vscode.window.showInformationMessage(message, settings).then((answer) => {
    if (answer === settings) void vscode.commands.executeCommand('ferry.openSettings');
  });
}
