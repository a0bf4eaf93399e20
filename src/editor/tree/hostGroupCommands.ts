import { Disposable, window } from 'vscode';
import { groupAbove, groupName, groupPath, isGroup } from '../../core/hostLook.ts';
import { type Moved, moveInto, renameGroup, stepGroup, stepHosts } from '../../core/hostOrder.ts';
import { t } from '../../core/l10n.ts';
import { safeText } from '../../core/text.ts';
import { askChoice, type Choice } from '../choice.ts';
import type { RegisterCommand } from '../command.ts';
import { askManyHosts } from '../hostChoices.ts';
import type { SavedHosts } from '../hosts.ts';
import type { KeptFolders } from '../keptFolders.ts';
import { askText, back } from '../textInput.ts';
import { stepBookmarks } from './bookmarkOrder.ts';
import { movedBy } from './hostDrop.ts';
import type { HostFilter } from './hostFilter.ts';
import { registerRowKeys } from './rowKeys.ts';
import { type BookmarkRow, chosenRows, isBookmarkRow, isRow, type Row } from './rows.ts';

export interface HostGroupCommandsParts {
  readonly register: RegisterCommand;
  readonly hosts: SavedHosts;
  readonly filter: HostFilter;
  readonly selection: () => readonly Row[];
  readonly bookmarks: KeptFolders;
  /** All of its host. */
  readonly bookmarksBeside: (row: BookmarkRow) => readonly BookmarkRow[];
}

/** The keyboard's way to everything that dragging does in the view, and more. */
export function registerHostGroupCommands(parts: HostGroupCommandsParts): Disposable {
  const { register, hosts, filter } = parts;
  const onMoved = (act: (moved: Moved) => Promise<void>) => async (argument: unknown, selected: unknown) => {
    const moved = await movedFrom(parts, argument, selected);
    if (moved !== undefined) await act(moved);
  };
  const onGroup = (placeholder: string, act: (group: string) => Promise<void>) => async (argument: unknown) => {
    const group = await groupFrom(parts, argument, placeholder);
    if (group !== undefined) await act(group);
  };
  const moveBy = (direction: 'up' | 'down') =>
    onBookmarks(
      parts,
      (rows) => stepBookmarks(parts.bookmarks, rows, parts.bookmarksBeside, direction),
      onMoved((moved) => step(hosts, moved, direction)),
    );
  return Disposable.from(
    register(
      'ferry.newGroup',
      onMoved((moved) => moveToNew(hosts, moved)),
    ),
    register(
      'ferry.moveToGroup',
      onMoved((moved) => moveToGroup(hosts, moved)),
    ),
    register(
      'ferry.renameGroup',
      onGroup(t('Which group gets another name?'), (group) => rename(hosts, group)),
    ),
    register('ferry.removeGroup', async (argument, selected) => {
      const several = severalGroups(argument, selected);
      const group = several.length > 0 ? undefined : await groupFrom(parts, argument, t('Which group goes? Its hosts stay.'));
      await removeGroups(hosts, group === undefined ? several : [group]);
    }),
    register('ferry.moveUp', moveBy('up')),
    register('ferry.moveDown', moveBy('down')),
    registerRowKeys(parts),
    register('ferry.filterHosts', () => filter.ask()),
    register('ferry.clearHostFilter', () => filter.clear()),
  );
}

/** What a command does where all of its rows are bookmarks, and else. */
function onBookmarks(
  { selection }: HostGroupCommandsParts,
  act: (rows: readonly BookmarkRow[]) => Promise<void>,
  otherwise: (argument: unknown, selected: unknown) => Promise<void>,
) {
  return (argument: unknown, selected: unknown): Promise<void> => {
    const rows = argument === undefined ? selection() : chosenRows(argument, selected);
    const marked = rows.filter(isBookmarkRow);
    return marked.length > 0 && marked.length === rows.length ? act(marked) : otherwise(argument, selected);
  };
}

/** The rows that a command was called on, else those that are selected, else what the person picks. */
async function movedFrom({ hosts, selection }: HostGroupCommandsParts, argument: unknown, selected: unknown): Promise<Moved | undefined> {
  if (argument !== undefined && !isRow(argument)) return undefined;
  const given = argument === undefined ? selection() : chosenRows(argument, selected);
  const { names, groups } = movedBy(given);
  const saved = names.filter((name) => hosts.find(name) !== undefined);
  if (saved.length + groups.length > 0) return { names: saved, groups };
  if (argument !== undefined) return undefined;
  const picked = await askManyHosts(hosts.all, t('Which hosts?'));
  return picked && { names: picked.map(({ name }) => name), groups: [] };
}

/** The groups that are selected along with the one that a command was called on. */
function severalGroups(argument: unknown, selected: unknown): readonly string[] {
  const rows = chosenRows(argument, selected);
  return rows.length > 1 ? movedBy(rows).groups : [];
}

async function groupFrom(
  { hosts, selection }: HostGroupCommandsParts,
  argument: unknown,
  placeholder: string,
): Promise<string | undefined> {
  if (argument !== undefined && !isRow(argument)) return undefined;
  const row = argument ?? selection().find(({ kind }) => kind === 'group');
  if (row !== undefined) return row.kind === 'group' ? row.path : undefined;
  const answer = await askChoice({ title: t('Groups of Hosts'), placeholder, choices: groupChoices(hosts) });
  return answer === undefined || answer === back ? undefined : answer.value;
}

/** Every group, also those that only hold groups. */
function groupsOf(hosts: SavedHosts): readonly string[] {
  const groups = new Set<string>();
  for (const { look } of hosts.all) for (let group = look.group; group !== undefined; group = groupAbove(group)) groups.add(group);
  return [...groups].sort((one, other) => one.localeCompare(other));
}

function groupChoices(hosts: SavedHosts): Choice<string>[] {
  return groupsOf(hosts).map((group) => ({ value: group, label: safeText(group, 200) }));
}

async function moveToGroup(hosts: SavedHosts, moved: Moved): Promise<void> {
  const answer = await askChoice<string>({
    title: t('Move to Group'),
    placeholder: t('Into which group?'),
    choices: [
      ...groupsOf(hosts).map((group) => ({ value: `in ${group}`, label: safeText(group, 200) })),
      { value: 'new', label: t('New Group…'), alwaysShow: true },
      { value: 'none', label: t('No Group'), alwaysShow: true },
    ],
  });
  if (answer === undefined || answer === back) return;
  if (answer.value === 'new') await moveToNew(hosts, moved);
  else await move(hosts, moved, answer.value === 'none' ? undefined : answer.value.slice('in '.length));
}

async function moveToNew(hosts: SavedHosts, moved: Moved): Promise<void> {
  const group = await askGroup(t('New Group'), '');
  if (group !== undefined) await move(hosts, moved, group);
}

async function move(hosts: SavedHosts, moved: Moved, group: string | undefined): Promise<void> {
  await hosts.arrange((items) => moveInto(items, moved, group, undefined));
}

async function rename(hosts: SavedHosts, group: string): Promise<void> {
  const name = await askGroup(t('Rename {0}', safeText(groupName(group), 80)), group);
  if (name !== undefined) await hosts.arrange((items) => renameGroup(items, group, name));
}

/** After a question, as names of groups and what was in which of them come back by hand only. */
async function removeGroups(hosts: SavedHosts, groups: readonly string[]): Promise<void> {
  const [first] = groups;
  if (first === undefined) return;
  const shown = groups.map((group) => safeText(group, 100)).join(', ');
  const question =
    groups.length === 1 ? t('Remove the group “{0}”?', shown) : t('Remove these {0} groups: {1}?', groups.length, safeText(shown, 400));
  const button = t('Remove');
  const detail = t('Its hosts stay: they go to the group above, or out of all groups. Nothing on a server changes.');
  if ((await window.showWarningMessage(question, { modal: true, detail }, button)) !== button) return;
  // The innermost first: the names of those around them hold until then.
  const inOrder = groups.toSorted((one, other) => other.length - one.length);
  await hosts.arrange((items) => inOrder.reduce((all, group) => renameGroup(all, group, groupAbove(group)), items));
}

async function askGroup(title: string, value: string): Promise<string | undefined> {
  const answer = await askText({
    ...{ title, value },
    prompt: t('Name of the group, with “/” between nested ones.'),
    placeholder: t('Customers/Example'),
    validate: (text) =>
      groupPath(text) === undefined ? t('Enter a name.') : isGroup(text) ? undefined : t('This is too long or too deep for a group.'),
  });
  return answer === undefined || answer === back ? undefined : groupPath(answer.value);
}

async function step(hosts: SavedHosts, { names, groups }: Moved, direction: 'up' | 'down'): Promise<void> {
  await hosts.arrange((items) =>
    stepHosts(
      groups.reduce((all, group) => stepGroup(all, group, direction), items),
      names,
      direction,
    ),
  );
}
