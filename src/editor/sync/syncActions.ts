import { FileType, Uri, workspace } from 'vscode';
import type { Disposable } from '../../core/events.ts';
import { t } from '../../core/l10n.ts';
import { basename } from '../../core/path.ts';
import { safeText } from '../../core/text.ts';
import { askChoice } from '../choice.ts';
import { mapped, type MappedFile, type Mappings } from '../mapping/mappings.ts';
import type { SyncMode } from './review.ts';
import type { ReviewCommand, SyncCommands, SyncCommandsParts } from './syncCommands.ts';

/** What begins a plan: on a folder of the Explorer, or on a linked folder that is chosen. */
export interface SyncActions {
  syncUp(chosen: unknown): Promise<void>;
  syncDown(chosen: unknown): Promise<void>;
  syncBothWays(chosen: unknown): Promise<void>;
  compareFolder(chosen: unknown): Promise<void>;
  /** In the view of a plan; nothing where there is none. */
  inReview(command: ReviewCommand, argument: unknown, selected: unknown): Promise<void>;
}

/** What plans, shows and syncs is loaded with the first plan. */
export function createSyncActions(parts: Omit<SyncCommandsParts, 'maxDeletions'>): SyncActions & Disposable {
  let loading: Promise<SyncCommands> | undefined;
  const load = async () => (await import('./syncCommands.ts')).createSyncCommands({ ...parts, maxDeletions });
  /* An argument may come from anywhere: only an address is taken from it. */
  const start = (mode: SyncMode) => async (chosen: unknown) => {
    if (chosen !== undefined && !(chosen instanceof Uri)) return;
    const folder = await folderFrom(parts.mappings, chosen);
    if (folder !== undefined) await (await (loading ??= load())).start(folder, mode);
  };
  return {
    ...{ syncUp: start('up'), syncDown: start('down'), syncBothWays: start('both'), compareFolder: start('compare') },
    inReview: async (command, argument, selected) => (await loading)?.inReview[command](argument, selected),
    // Nothing is left to dispose of where loading failed.
    dispose: () => void loading?.then((loaded) => loaded.dispose()).catch(() => undefined),
  };
}

/** Of a file its folder is meant. */
async function folderFrom(mappings: Mappings, chosen: Uri | undefined): Promise<MappedFile | undefined> {
  if (chosen !== undefined) {
    const file = mapped(mappings, chosen);
    const { type } = await workspace.fs.stat(chosen);
    return (type & FileType.Directory) !== 0 ? file : mapped(mappings, Uri.joinPath(chosen, '..'));
  }
  const folders = mappings.all.map((mapping) => mapped(mappings, mappings.folderOf(mapping)));
  if (folders.length < 2) return folders[0] ?? mapped(mappings, workspace.workspaceFolders?.[0]?.uri ?? Uri.file('/'));
  const choices = folders.map((folder) => ({
    value: folder,
    label: safeText(basename(folder.uri.path), 100),
    description: safeText(folder.target.name, 100),
    detail: safeText(folder.target.remote, 200),
  }));
  const answer = await askChoice({ title: t('Sync'), placeholder: t('Which linked folder?'), choices });
  return typeof answer === 'object' ? answer.value : undefined;
}

const usualShare = 20;

/** Only what the person's own settings say: a workspace may have been written by anybody. */
function maxDeletions(): number {
  const value: unknown = workspace.getConfiguration('ferry').inspect('sync.maxDeletions')?.globalValue;
  return typeof value === 'number' && Number.isFinite(value) ? Math.min(Math.max(value, 0), 100) : usualShare;
}
