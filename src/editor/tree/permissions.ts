import { window } from 'vscode';
import { RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import type { ModeChange } from '../../core/mode.ts';
import { changeModes, type ModeScope, type ModeTarget, modeTargets, type RefusedMode } from '../../core/operations/changeModes.ts';
import { furtherConnections } from '../../core/operations/secondConnection.ts';
import { basename } from '../../core/path.ts';
import type { Pool } from '../../core/pool.ts';
import { safeText } from '../../core/text.ts';
import type { Transfers } from '../../core/transfers.ts';
import { askChoice } from '../choice.ts';
import type { RemoteFileSystem } from '../fileSystem.ts';
import { withLateProgress } from '../lateProgress.ts';
import { showReport } from '../reports.ts';
import type { Location } from '../uri.ts';
import { describeError } from '../fileSystemError.ts';
import { shownName } from './fileItem.ts';
import { askModes } from './modePick.ts';
import type { FileRow } from './rows.ts';

export interface PermissionsParts {
  readonly pool: Pool;
  readonly transfers: Transfers;
  readonly fileSystem: RemoteFileSystem;
  readonly locate: (uri: FileRow['uri']) => Location;
}

interface Target {
  readonly row: FileRow;
  readonly targets: readonly ModeTarget[];
}

/** Changes the permissions of files and folders, of what is in folders too if the person wishes, and tells what was refused. */
export async function changePermissions(parts: PermissionsParts, chosen: readonly FileRow[]): Promise<void> {
  const rows = chosen.filter(({ entry: { kind } }) => kind === 'file' || kind === 'directory');
  const [first] = rows;
  if (first === undefined) throw new RemoteError('Unsupported', t('Links have no permissions of their own.'));
  const without = rows.find(({ hasModes }) => !hasModes);
  if (without !== undefined)
    throw new RemoteError('Unsupported', t('This server does not change permissions.'), { host: parts.locate(without.uri).host.name });
  const title = rows.length === 1 ? t('Permissions of {0}', shownName(first.entry.name)) : t('Permissions of {0} entries', rows.length);
  const change = await askModes(
    title,
    rows.map(({ entry: { mode } }) => mode),
  );
  if (change === undefined) return;
  const isRecursive = rows.some(({ entry }) => entry.kind === 'directory') ? await askDepth(title) : false;
  if (isRecursive === undefined) return;
  const found = isRecursive ? await findTargets(parts, rows) : rows.map((row) => ({ row, targets: [ownTarget(parts, row)] }));
  const scope = isRecursive ? await askScope(title, found) : { scope: 'both' as const, executeOnlyFolders: false };
  if (scope === undefined) return;
  const refused: RefusedMode[] = [];
  for (const { row, targets } of found) refused.push(...(await apply(parts, row, inScope(targets, scope.scope), change, scope)));
  tell(
    refused,
    found.reduce((sum, { targets }) => sum + inScope(targets, scope.scope).length, 0),
  );
}

function ownTarget({ locate }: PermissionsParts, { uri, entry }: FileRow): ModeTarget {
  return { path: locate(uri).path, isFolder: entry.kind === 'directory', mode: entry.mode };
}

async function askDepth(title: string): Promise<boolean | undefined> {
  const answer = await askChoice({
    title,
    placeholder: t('Of the folder only, or of what is in it too?'),
    choices: [
      { label: t('Only What Is Chosen'), value: false },
      { label: t('Also What Is in the Folders…'), description: t('it is counted first'), value: true },
    ],
  });
  return typeof answer === 'object' ? answer.value : undefined;
}

/** Everything below, on the servers as it is now. */
async function findTargets({ pool, locate }: PermissionsParts, rows: readonly FileRow[]): Promise<readonly Target[]> {
  return withLateProgress(t('Counting files and folders'), async (signal) => {
    const found: Target[] = [];
    for (const row of rows) {
      const { host, path } = locate(row.uri);
      const targets = await pool.run(
        host,
        (remote, ended) => modeTargets(remote, path, { signal: ended, further: furtherConnections(pool, host, remote) }),
        { signal, lane: 'bulk', repeatable: true },
      );
      found.push({ row, targets });
    }
    return found;
  });
}

interface Scope {
  readonly scope: ModeScope;
  readonly executeOnlyFolders: boolean;
}

async function askScope(title: string, found: readonly Target[]): Promise<Scope | undefined> {
  const all = found.flatMap(({ targets }) => targets);
  const folders = all.filter(({ isFolder }) => isFolder).length;
  const files = all.length - folders;
  const [someFiles, someFolders] = [countText(files, t('1 file'), '{0} files'), countText(folders, t('1 folder'), '{0} folders')];
  const answer = await askChoice<Scope>({
    title,
    placeholder: t('{0} and {1}: which of them?', someFiles, someFolders),
    choices: [
      {
        label: t('Files and Folders, Execute for Folders Only'),
        detail: t('Files get “execute” only if somebody may execute them already, as with chmod X.'),
        value: { scope: 'both', executeOnlyFolders: true },
      },
      { label: t('Files and Folders Alike'), value: { scope: 'both', executeOnlyFolders: false } },
      { label: t('Only Files'), description: someFiles, value: { scope: 'files', executeOnlyFolders: false } },
      { label: t('Only Folders'), description: someFolders, value: { scope: 'folders', executeOnlyFolders: false } },
    ],
  });
  return typeof answer === 'object' ? answer.value : undefined;
}

function countText(count: number, one: string, several: string): string {
  return count === 1 ? one : t(several, count.toLocaleString());
}

function inScope(targets: readonly ModeTarget[], scope: ModeScope): readonly ModeTarget[] {
  return scope === 'both' ? targets : targets.filter(({ isFolder }) => isFolder === (scope === 'folders'));
}

function apply(
  { pool, transfers, fileSystem }: PermissionsParts,
  row: FileRow,
  targets: readonly ModeTarget[],
  change: ModeChange,
  { executeOnlyFolders }: Scope,
): Promise<readonly RefusedMode[]> {
  return fileSystem.changeModes(row.uri, ({ host, path }) =>
    transfers.track({ verb: t('Changing permissions'), name: basename(path), hostName: host.name }, undefined, (report, signal) =>
      pool.run(
        host,
        (remote, ended) => {
          const onProgress = (count: number, current: string) => report({ count, current });
          return changeModes(remote, targets, change, { signal: ended, executeOnlyFolders, onProgress });
        },
        { signal, lane: targets.length > 1 ? 'bulk' : 'interactive', repeatable: true, changes: 'new' },
      ),
    ),
  );
}

/** Does not wait for the person. */
function tell(refused: readonly RefusedMode[], of: number): void {
  const [first] = refused;
  if (first === undefined) return;
  if (of === 1) throw first.reason;
  const show = t('Show List');
  const message = t('{0} of {1} keep their permissions. The first: {2}', refused.length, of, describeError(first.reason));
  void window.showWarningMessage(message, show).then(async (answer) => {
    if (answer !== show) return;
    const content = refused.map(({ path, reason }) => `${safeText(path, 1000)}\t${safeText(reason.message, 300)}`).join('\n');
    await showReport(t('Permissions That Were Not Changed'), content);
  });
}
