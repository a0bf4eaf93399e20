import { readFile } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { ConfigurationTarget, Uri, window, workspace } from 'vscode';
import type { WorkspaceFolder } from 'vscode';
import type { Host } from '../core/host.ts';
import { isGitignore, type LinkedAddress, type MappingItem, mappingItems } from '../core/import/folderLink.ts';
import type { FolderLink } from '../core/import/imported.ts';
import { t } from '../core/l10n.ts';
import { parseMappings } from '../core/mapping/mapping.ts';
import { contains } from '../core/path.ts';
import { safeText } from '../core/text.ts';
import type { SavedHosts } from './hosts.ts';
import type { ImportStep } from './importPlan.ts';
import type { ImportCandidate } from './importPreview.ts';
import { uriOf } from './uri.ts';

interface Linkable {
  readonly folder: WorkspaceFolder;
  readonly items: readonly MappingItem[];
}

/** Offers to link the folders of this workspace that the files of other tools name, to hosts that are saved now. Only in trusted workspaces. */
export async function offerLinks(candidates: readonly ImportCandidate[], steps: readonly ImportStep[], hosts: SavedHosts): Promise<void> {
  if (!workspace.isTrusted) return;
  const linkable = await linkableAmong(candidates, (candidate) => {
    const step = steps.find((each) => each.candidate === candidate);
    return step === undefined ? candidate.existing : hosts.find(step.item.name);
  });
  const items = linkable.flatMap((each) => each.items);
  if (items.length === 0) return;
  const link = t('Link the Folders');
  const [first = '', ...more] = items.map(lineOf);
  const what = more.length === 0 ? first : t('{0}, and {1} more', first, more.length);
  const question = t('The other extension also kept folders of this workspace in step with servers. Ferry can do that: {0}.', what);
  if ((await window.showInformationMessage(question, link)) !== link) return;
  for (const each of linkable) await write(each);
}

async function linkableAmong(
  candidates: readonly ImportCandidate[],
  hostOf: (candidate: ImportCandidate) => Host | undefined,
): Promise<Linkable[]> {
  const byFolder = new Map<WorkspaceFolder, LinkedAddress[]>();
  for (const candidate of candidates) {
    const { link } = candidate.imported;
    const { uri } = candidate.from.place;
    const folder = uri.path.includes('/.vscode/') ? workspace.getWorkspaceFolder(uri) : undefined;
    const host = link === undefined ? undefined : hostOf(candidate);
    if (link === undefined || host === undefined || folder?.uri.scheme !== 'file') continue;
    // The file stands for the folder that holds it.
    if (Uri.joinPath(uri, '..', '..').path !== folder.uri.path) continue;
    const linked = { link, address: uriOf(host, link.path).toString(true), ignored: await patternsOf(folder, link) };
    byFolder.set(folder, [...(byFolder.get(folder) ?? []), linked]);
  }
  return [...byFolder].flatMap(([folder, links]) => {
    const items = mappingItems(links).filter((item) => isNews(folder, item));
    return items.length === 0 ? [] : [{ folder, items }];
  });
}

/** In characters; a larger file of patterns is none. */
const mostPatterns = 64 * 1024;

/** Of a file within the workspace folder; what is elsewhere is not for the settings of a workspace, which others read. */
async function patternsOf(folder: WorkspaceFolder, link: FolderLink): Promise<readonly string[] | undefined> {
  if (link.ignoreFile === undefined || isGitignore(link)) return undefined;
  const file = isAbsolute(link.ignoreFile) ? Uri.file(link.ignoreFile) : Uri.joinPath(folder.uri, link.ignoreFile);
  if (!contains(folder.uri.path, file.path)) return undefined;
  try {
    const text = await readFile(file.fsPath, 'utf8');
    return text.length > mostPatterns ? undefined : text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'));
  } catch {
    return undefined;
  }
}

/** What is linked already stays as it is; what leads out of the workspace is none of it. */
function isNews(folder: WorkspaceFolder, item: MappingItem): boolean {
  const { mappings } = parseMappings([item], folder.uri.path);
  const known = parseMappings(settingOf(folder), folder.uri.path).mappings;
  return mappings.some(({ local }) => !known.some((other) => other.local === local));
}

function settingOf(folder: WorkspaceFolder): readonly unknown[] {
  const value = workspace.getConfiguration('ferry', folder.uri).inspect('mappings')?.workspaceFolderValue;
  return Array.isArray(value) ? (value as unknown[]) : [];
}

async function write({ folder, items }: Linkable): Promise<void> {
  const settings = workspace.getConfiguration('ferry', folder.uri);
  await settings.update('mappings', [...settingOf(folder), ...items], ConfigurationTarget.WorkspaceFolder);
}

function lineOf(item: MappingItem): string {
  const targets = Object.values((item['targets'] ?? { remote: item['remote'] }) as Readonly<Record<string, unknown>>);
  const how = item['uploadOnSave'] === true ? t('uploads what is saved') : t('uploads when told');
  return `${safeText(item.local, 80)} → ${targets.map((target) => safeText(String(target), 160)).join(', ')} (${how})`;
}
