import { Uri, window, workspace, WorkspaceEdit, type Tab } from 'vscode';
import { RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import { contains } from '../../core/path.ts';
import type { RemoteFileSystem } from '../fileSystem.ts';

/**
 * Moves or renames what is on a host, as the Explorer does: open editors follow with their unsaved changes. Between protocols, where
 * VS Code would copy and delete by itself, it is one verified move; editors with unsaved changes stay open then.
 */
export async function moveWithEditors(
  fileSystem: RemoteFileSystem,
  from: Uri,
  to: Uri,
  options: { readonly overwrite: boolean },
): Promise<void> {
  if (from.scheme !== to.scheme || options.overwrite || !isOpen(from)) {
    await fileSystem.rename(from, to, options);
    await closeEditors(from);
    return;
  }
  let reason: unknown;
  const listener = fileSystem.onDidFailToMove((error) => (reason ??= error));
  try {
    const edit = new WorkspaceEdit();
    edit.renameFile(from, to, { overwrite: false });
    if (await workspace.applyEdit(edit)) return;
  } finally {
    listener.dispose();
  }
  if (reason instanceof RemoteError) throw reason;
  throw new RemoteError('Unknown', t('VS Code did not let it be renamed. Nothing was changed.'), { path: from.path, host: from.authority });
}

/** Editors of what is gone; those with unsaved changes stay. */
export async function closeEditors(uri: Uri): Promise<void> {
  const tabs = window.tabGroups.all.flatMap((group) => group.tabs.filter((tab) => !tab.isDirty && isWithin(uri, tab)));
  if (tabs.length > 0) await window.tabGroups.close(tabs, true);
}

export function isOpen(uri: Uri): boolean {
  return window.tabGroups.all.some((group) => group.tabs.some((tab) => isWithin(uri, tab)));
}

function isWithin(folder: Uri, { input }: Tab): boolean {
  const uri = typeof input === 'object' && input !== null && 'uri' in input ? input.uri : undefined;
  return uri instanceof Uri && uri.scheme === folder.scheme && uri.authority === folder.authority && contains(folder.path, uri.path);
}
