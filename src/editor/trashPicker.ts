import { QuickPickItemKind, ThemeIcon, window } from 'vscode';
import type { QuickInputButton, QuickPickItem } from 'vscode';
import { t } from '../core/l10n.ts';
import type { TrashedItem } from '../core/operations/trashContents.ts';
import { basename, parent } from '../core/path.ts';
import type { Attributes } from '../core/remote.ts';
import { safeText } from '../core/text.ts';
import { describeTime } from './restoreVersion.ts';
import type { Trash } from './trash.ts';
import type { TrashHost } from './trashPurges.ts';
import { formatBytes } from './transferText.ts';

/** What a person wants done with the trash. */
export type TrashChoice =
  | { readonly act: 'restore' | 'show' | 'delete'; readonly item: TrashedItem }
  | { readonly act: 'empty'; readonly items: readonly TrashedItem[] };

interface TrashRow extends QuickPickItem {
  readonly choice?: TrashChoice;
}

/** Sizes are asked for of so many; a list that long is searched, not read. */
const describedLimit = 300;
/** A list that changes under the eyes is redrawn so often, in ms. */
const redrawTime = 200;

const showIcon = new ThemeIcon('go-to-file');

/** Shows what is in the trash; undefined when the person leaves it. What the items are comes in while the list is open. */
export async function chooseTrashed(trash: Trash, host: TrashHost, items: readonly TrashedItem[]): Promise<TrashChoice | undefined> {
  const found = new Map<TrashedItem, Attributes | undefined>();
  const pick = window.createQuickPick<TrashRow>();
  const answer = Promise.withResolvers<TrashChoice | undefined>();
  const closed = new AbortController();
  pick.title = t('Trash of {0}', safeText(host.name, 80));
  pick.placeholder = t('Choose what to restore');
  pick.matchOnDescription = true;
  pick.items = rowsOf(items, found);
  pick.onDidAccept(() => answer.resolve(pick.selectedItems[0]?.choice));
  pick.onDidTriggerItemButton(({ item: { choice }, button }) => {
    if (choice !== undefined && choice.act !== 'empty')
      answer.resolve({ act: button.iconPath === showIcon ? 'show' : 'delete', item: choice.item });
  });
  pick.onDidHide(() => answer.resolve(undefined));
  pick.busy = true;
  pick.show();
  const redraw = () => {
    const active = pick.activeItems[0]?.choice;
    pick.keepScrollPosition = true;
    pick.items = rowsOf(items, found);
    pick.activeItems = pick.items.filter(({ choice }) => choice !== undefined && isSame(choice, active));
  };
  let drawn = 0;
  const describing = trash.describe(host, items.slice(0, describedLimit), closed.signal, (item, attributes) => {
    found.set(item, attributes);
    if (closed.signal.aborted || Date.now() - drawn < redrawTime) return;
    drawn = Date.now();
    redraw();
  });
  const settled = () => {
    if (closed.signal.aborted) return;
    redraw();
    pick.busy = false;
  };
  // A list without sizes is still one to choose from.
  void describing.then(settled, settled);
  try {
    return await answer.promise;
  } finally {
    closed.abort();
    pick.dispose();
  }
}

/** An entry that holds nothing was restored or emptied elsewhere, or a deed was cut before it began. */
function rowsOf(items: readonly TrashedItem[], found: ReadonlyMap<TrashedItem, Attributes | undefined>): TrashRow[] {
  const there = items.filter((item) => !found.has(item) || found.get(item) !== undefined);
  if (there.length === 0) return [{ label: t('The trash is empty.') }];
  const empty: TrashRow = {
    label: t('Empty Trash…'),
    iconPath: new ThemeIcon('trash'),
    choice: { act: 'empty', items: there },
    alwaysShow: true,
  };
  return [...there.map((item) => rowOf(item, found.get(item))), { label: '', kind: QuickPickItemKind.Separator }, empty];
}

function isSame(one: TrashChoice, other: TrashChoice | undefined): boolean {
  if (one.act === 'empty' || other === undefined || other.act === 'empty') return one.act === other?.act;
  return one.item === other.item;
}

function rowOf(item: TrashedItem, attributes: Attributes | undefined): TrashRow {
  const buttons: QuickInputButton[] = [
    { iconPath: showIcon, tooltip: t('Show') },
    { iconPath: new ThemeIcon('trash'), tooltip: t('Delete for Good') },
  ];
  const isFolder = attributes?.kind === 'directory';
  const size = attributes?.kind === 'file' ? formatBytes(attributes.size) : isFolder ? t('folder') : '';
  const label = safeText(basename(item.from), 100);
  return {
    label: label === '' ? '?' : label,
    description: safeText(parent(item.from), 200),
    detail: [t('Deleted {0}', describeTime(item.time)), size].filter((part) => part !== '').join(' · '),
    iconPath: new ThemeIcon(isFolder ? 'folder' : 'file'),
    buttons: isFolder ? buttons.slice(1) : buttons,
    choice: { act: 'restore', item },
  };
}
