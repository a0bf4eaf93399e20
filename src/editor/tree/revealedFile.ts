import { RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import { contains } from '../../core/path.ts';
import type { Location } from '../uri.ts';
import type { FileRows } from './fileRows.ts';
import type { FileRow, FolderRow, HostRow } from './rows.ts';

/**
 * The row of a file or folder, or the host's own for the folder that it opens: each folder on the way is listed, as if a person opened it.
 * Undefined: it is not below that folder. Throws what keeps a folder from being listed, and `NotFound` for what is not there.
 */
export async function findRow(
  files: Pick<FileRows, 'childrenOf' | 'folderOf' | 'forget'>,
  host: HostRow,
  target: Location,
  keyOf: (row: FileRow) => string,
): Promise<HostRow | FileRow | undefined> {
  const { key: top } = await files.folderOf(host);
  if (!contains(top, target.key)) return undefined;
  let row: HostRow | FileRow = host;
  while (row === host ? top !== target.key : keyOf(row as FileRow) !== target.key) {
    const next: FileRow | undefined = (await below(files, row, target, keyOf)) ?? (await again(files, row, target, keyOf));
    if (next === undefined) throw new RemoteError('NotFound', t('It is not there.'), { path: target.path, host: target.host.name });
    row = next;
  }
  return row;
}

async function below(files: Pick<FileRows, 'childrenOf'>, row: FolderRow, target: Location, keyOf: (row: FileRow) => string) {
  const children = await files.childrenOf(row);
  const [first] = children;
  if (first?.kind === 'note') throw first.reason;
  return children.find((each) => each.kind === 'file' && contains(keyOf(each), target.key)) as FileRow | undefined;
}

/** It may have come since the folder was listed. */
async function again(
  files: Pick<FileRows, 'childrenOf' | 'forget'>,
  row: FolderRow,
  target: Location,
  keyOf: (row: FileRow) => string,
): Promise<FileRow | undefined> {
  files.forget(row);
  return below(files, row, target, keyOf);
}
