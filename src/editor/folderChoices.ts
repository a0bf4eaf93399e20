import { QuickPickItemKind, ThemeIcon } from 'vscode';
import type { QuickInputButton } from 'vscode';
import { t } from '../core/l10n.ts';
import { describeFolder, placeOf, type RememberedFolders, renameBookmark } from './bookmarks.ts';
import type { Choice } from './choice.ts';
import type { KeptFolder } from './keptFolders.ts';
import type { Location } from './uri.ts';

/** A folder that is remembered, in a list of where to go. */
export interface FolderChoice {
  readonly folder: KeptFolder;
  readonly place: Location;
  readonly isBookmark: boolean;
}

type Locate = Parameters<typeof describeFolder>[0];

const buttons = () => ({
  remove: { iconPath: new ThemeIcon('close'), tooltip: t('Remove from This List') },
  rename: { iconPath: new ThemeIcon('edit'), tooltip: t('Rename…') },
});

/** Bookmarks, then what was opened lately, each with buttons to remove it; and headlines. */
export function folderChoices<T>(remembered: RememberedFolders, locate: Locate, none: T): readonly Choice<FolderChoice | T>[] {
  const { remove, rename } = buttons();
  const rows = (folders: readonly KeptFolder[], isBookmark: boolean) =>
    folders.flatMap((folder): Choice<FolderChoice>[] => {
      const place = placeOf(locate, folder.uri);
      if (place === undefined) return [];
      const icon = { iconPath: new ThemeIcon(isBookmark ? 'bookmark' : 'history') };
      return [
        {
          value: { folder, place, isBookmark },
          ...describeFolder(locate, folder),
          ...icon,
          buttons: isBookmark ? [rename, remove] : [remove],
        },
      ];
    });
  const headed = (label: string, choices: readonly Choice<FolderChoice>[]): Choice<FolderChoice | T>[] =>
    choices.length === 0 ? [] : [{ value: none, label, kind: QuickPickItemKind.Separator }, ...choices];
  return [...headed(t('bookmarks'), rows(remembered.bookmarks.all, true)), ...headed(t('recent'), rows(remembered.recent.all, false))];
}

/** What the person pressed beside a folder. VS Code hands back an own copy of a button, told apart by the tooltip. */
export async function pressed(
  remembered: RememberedFolders,
  { folder, isBookmark }: FolderChoice,
  button: QuickInputButton,
): Promise<void> {
  const list = isBookmark ? remembered.bookmarks : remembered.recent;
  if (button.tooltip === buttons().rename.tooltip) await renameBookmark(list, folder);
  else await list.remove(folder.uri);
}
