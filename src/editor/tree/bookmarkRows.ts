import { ThemeIcon, TreeItem, TreeItemCollapsibleState, type Uri } from 'vscode';
import { basename } from '../../core/path.ts';
import { safeText } from '../../core/text.ts';
import { placeOf } from '../bookmarks.ts';
import type { KeptFolders } from '../keptFolders.ts';
import { type Location, uriOf } from '../uri.ts';
import { type BookmarkRow, type HostRow, ownRow } from './rows.ts';

/** The person's bookmarks, each under its host, before the host's files. */
export interface BookmarkRows {
  of(host: HostRow): readonly BookmarkRow[];
  itemOf(row: BookmarkRow): TreeItem;
}

export function createBookmarkRows(bookmarks: KeptFolders, locate: (uri: Uri) => Location): BookmarkRows {
  const rows = new Map<string, BookmarkRow>();
  return {
    of: (under) =>
      bookmarks.all.flatMap(({ uri: address, name }) => {
        const place = placeOf(locate, address);
        if (place?.host.name.toLowerCase() !== under.name.toLowerCase()) return [];
        const known = rows.get(address);
        if (known !== undefined && known.name === name && known.under === under) return known;
        const row = ownRow<BookmarkRow>({ kind: 'bookmark', uri: uriOf(place.host, place.path), address, name, under });
        rows.set(address, row);
        return row;
      }),
    itemOf({ uri, address, name }) {
      const label = safeText(name ?? basename(uri.path), 100) || safeText(uri.path, 100);
      const item = new TreeItem(label, TreeItemCollapsibleState.Collapsed);
      item.id = `bookmark:${address}`;
      item.iconPath = new ThemeIcon('bookmark');
      item.description = safeText(uri.path, 200);
      item.tooltip = safeText(uri.path, 1000);
      item.contextValue = `bookmark.${uri.scheme}`;
      return item;
    },
  };
}
