import { Uri, window } from 'vscode';
import { t } from '../../core/l10n.ts';
import { basename, parent } from '../../core/path.ts';
import type { Remote } from '../../core/remote.ts';
import { safeText } from '../../core/text.ts';
import { hostKey, placeOn, type TransferTask } from '../../core/transfers/item.ts';
import { forEachBounded } from '../../core/operations/bounded.ts';
import type { Enqueue } from '../transfers/transferCommands.ts';
import type { Exchange } from './exchange.ts';
import type { MappedFile } from './mappings.ts';
import type { Uploads } from './uploads.ts';

export interface LinkedTransfersParts {
  readonly uploads: Uploads;
  readonly local: () => Promise<Remote>;
  readonly enqueue: Enqueue;
}

/** On the server. */
export interface RemoteFile {
  readonly file: MappedFile;
  readonly size: number;
  readonly mtime: number | undefined;
}

/** So many files of this computer are looked at at once. */
const atOnce = 32;

/** Uploads several files as groups of the queue, one for each host. Throws what failed; conflicts are problems of the uploads. */
export async function queueUploads(
  { uploads, local, enqueue }: LinkedTransfersParts,
  files: readonly MappedFile[],
  title: string,
): Promise<void> {
  const disk = await local();
  const byHost = Map.groupBy(files, ({ location }) => hostKey(location.host));
  uploads.leave(files);
  const upload = async (host: string, group: readonly MappedFile[]) => {
    const tasks: TransferTask[] = [];
    await forEachBounded(group, atOnce, async ({ uri, location }) => {
      const { size, mtime } = await disk.stat(uri.path).catch(() => ({ size: 0, mtime: undefined }));
      tasks.push({ ...taskOf({ host: '', path: uri.path }, placeOn(location.host, location.path)), size, mtime });
    });
    tasks.sort((one, other) => (one.to.path < other.to.path ? -1 : 1));
    const into = { host, path: folderOf(tasks.map(({ to }) => to.path)) };
    await enqueue({ direction: 'upload', isLinked: true, title, into }, tasks);
  };
  try {
    await Promise.all([...byHost].map(([host, group]) => upload(host, group)));
  } finally {
    uploads.takeBack(files);
  }
}

/** The same the other way. What is only here is kept, and asked about when all else has come. */
export async function queueDownloads(
  { enqueue }: LinkedTransfersParts,
  files: readonly RemoteFile[],
  title: string,
  into: Uri,
): Promise<void> {
  const byHost = Map.groupBy(files, ({ file }) => hostKey(file.location.host));
  const download = async (group: readonly RemoteFile[]) => {
    const tasks = group.map(({ file: { uri, location }, size, mtime }): TransferTask => ({
      ...taskOf(placeOn(location.host, location.path), { host: '', path: uri.path }),
      ...{ size, mtime },
    }));
    await enqueue({ direction: 'download', isLinked: true, title, into: { host: '', path: into.path } }, tasks);
  };
  await Promise.all([...byHost.values()].map(download));
}

function taskOf(from: TransferTask['from'], to: TransferTask['to']) {
  return { kind: 'file', from, to, mode: undefined, onExists: 'overwrite' } as const;
}

/** That all of them are in. */
function folderOf(paths: readonly string[]): string {
  const [first = '/x', ...others] = paths;
  let folder = parent(first);
  while (folder !== '/' && !others.every((path) => path.startsWith(`${folder}/`))) folder = parent(folder);
  return folder;
}

export function titleOf(chosen: readonly MappedFile[]): string {
  const [first] = chosen;
  const name = first === undefined ? '' : basename(first.uri.path);
  return chosen.length <= 1 ? name : t('{0} and {1} more', name, chosen.length - 1);
}

/** Of many files, those with changes that only this computer has are asked about together, after the others. */
export async function offerReplacing(exchange: Exchange, kept: readonly MappedFile[]): Promise<void> {
  const replace = t('Replace Them');
  const names = kept.slice(0, 10).map(({ relative }) => safeText(relative, 80));
  const detail = [...names, ...(kept.length > names.length ? ['…'] : [])].join('\n');
  const message = t('{0} files were kept: they have changes that are on no server.', kept.length);
  if ((await window.showWarningMessage(message, { modal: true, detail }, replace)) !== replace) return;
  for (const file of kept) await exchange.fetch(file, () => Promise.resolve(true));
}
