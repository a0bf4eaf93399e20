import { type QuickPick, type QuickPickItem, QuickPickItemKind, window } from 'vscode';
import { t } from '../../core/l10n.ts';
import { type ModeBit, modeBits, type ModeChange, octalText, parseOctal, sharedBits } from '../../core/mode.ts';

interface BitItem extends QuickPickItem {
  /** 0 for a heading. */
  readonly bit: number;
}

const whoText: Readonly<Record<ModeBit['who'], () => string>> = {
  owner: () => t('Owner'),
  group: () => t('Group'),
  others: () => t('Others'),
  special: () => t('Special'),
};

const whatText: Readonly<Record<ModeBit['what'], () => string>> = {
  read: () => t('Read'),
  write: () => t('Write'),
  execute: () => t('Execute, or enter a folder'),
  setuid: () => t('Run as the owner (setuid)'),
  setgid: () => t('Run as the group, or pass the group on (setgid)'),
  sticky: () => t('Only owners delete in it (sticky)'),
};

/**
 * Asks for permissions: twelve ticks and their octal number, kept in step. What differs among `modes` stays so unless it is ticked,
 * unticked or a number is typed. `modes` holds undefined for what a server did not tell. Undefined when the person cancels.
 */
export async function askModes(title: string, modes: readonly (number | undefined)[]): Promise<ModeChange | undefined> {
  const known = modes.filter((mode) => mode !== undefined);
  const shared = known.length === modes.length ? sharedBits(known) : { set: 0, clear: 0 };
  const state = { set: shared.set, clear: shared.clear };
  const pick = window.createQuickPick<BitItem>();
  pick.title = title;
  pick.canSelectMany = true;
  pick.ignoreFocusOut = true;
  const answer = Promise.withResolvers<ModeChange | undefined>();
  const show = () => showState(pick, state);
  pick.onDidChangeSelection((items) => {
    const ticked = ticks(items);
    const toggled = ticked ^ state.set;
    if (toggled === 0) return;
    state.set = ticked;
    state.clear = (state.clear | toggled) & ~ticked;
    show();
  });
  pick.onDidChangeValue((text) => {
    const mode = parseOctal(text);
    if (mode === undefined || (mode === state.set && state.clear === (0o7777 & ~mode))) return;
    state.set = mode;
    state.clear = 0o7777 & ~mode;
    show();
  });
  pick.onDidAccept(() => {
    if (isComplete(pick.value)) answer.resolve({ ...state });
  });
  pick.onDidHide(() => answer.resolve(undefined));
  show();
  pick.show();
  try {
    return await answer.promise;
  } finally {
    pick.dispose();
  }
}

/** Half a number that was typed is no answer. */
function isComplete(text: string): boolean {
  return text.trim() === '' || parseOctal(text) !== undefined;
}

/** Changes no more than has to: what VS Code tells of a list that is given anew would be taken for what the person does. */
function showState(pick: QuickPick<BitItem>, state: ModeChange): void {
  const isDecided = (state.set | state.clear) === 0o7777;
  if (!isDecided) pick.value = '';
  else if (parseOctal(pick.value) !== state.set) pick.value = octalText(state.set);
  pick.placeholder = isDecided ? t('Permissions as a number, like 644') : t('They differ. Type a number like 644, or tick');
  const items = bitItems(state);
  if (items.some(({ description }, index) => description !== pick.items[index]?.description) || items.length !== pick.items.length)
    pick.items = items;
  const selected = pick.items.filter(({ bit }) => (bit & state.set) !== 0);
  if (ticks(selected) !== ticks(pick.selectedItems)) pick.selectedItems = selected;
}

function ticks(items: readonly BitItem[]): number {
  return items.reduce((all, { bit }) => all | bit, 0);
}

function bitItems({ set, clear }: ModeChange): BitItem[] {
  return modeBits.flatMap(({ bit, who, what }, index): BitItem[] => {
    const heading = modeBits[index - 1]?.who === who ? [] : [{ label: whoText[who](), kind: QuickPickItemKind.Separator, bit: 0 }];
    const item: BitItem = { label: `${whoText[who]()}: ${whatText[what]()}`, bit, alwaysShow: true };
    const differs = ((set | clear) & bit) === 0;
    return [...heading, differs ? { ...item, description: t('differs; stays as it is') } : item];
  });
}
