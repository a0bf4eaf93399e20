import { groupAbove, groupPath, isWithinGroup, regrouped } from './hostLook.ts';

/** One host of the settings, as it stands there, also one with mistakes. */
type Item = Readonly<Record<string, unknown>>;

/** What is moved: hosts by their names, and whole groups with all that is in them. */
export interface Moved {
  readonly names: readonly string[];
  readonly groups: readonly string[];
}

/** Puts hosts and groups into `group` (undefined: none), before the host `before` (undefined: at the end). What moves keeps its order. */
export function moveInto(items: readonly Item[], moved: Moved, group: string | undefined, before: string | undefined): readonly Item[] {
  const outer = outermost(moved.groups);
  // A group can't be put into itself.
  const groups = outer.filter((each) => !isWithinGroup(each, group));
  const moves = (item: Item) => isAmong(item, moved.names) || groups.some((each) => isWithinGroup(each, groupOf(item)));
  const anchor = anchorOf(items, moves, before);
  const rest = items.filter((item) => !moves(item));
  const at = anchor === undefined ? rest.length : rest.indexOf(anchor);
  const placed = items.filter(moves).map((item) => {
    const from = groups.find((each) => isWithinGroup(each, groupOf(item)));
    const own = groupOf(item);
    if (from === undefined || own === undefined) return inGroup(item, group);
    const above = groupAbove(from);
    return inGroup(item, joined(group, above === undefined ? own : own.slice(above.length + 1)));
  });
  return [...rest.slice(0, at), ...placed, ...rest.slice(at)];
}

/** The group and all within it get another name, or go: then what was in it is in the group above. */
export function renameGroup(items: readonly Item[], from: string, to: string | undefined): readonly Item[] {
  return items.map((item) => {
    const group = groupOf(item);
    return group !== undefined && isWithinGroup(from, group) ? inGroup(item, regrouped(group, from, to)) : item;
  });
}

/** One step up or down for each, among the hosts of its group. None overtakes another of them. */
export function stepHosts(items: readonly Item[], names: readonly string[], direction: 'up' | 'down'): readonly Item[] {
  const moving = items.filter((item) => isAmong(item, names));
  return (direction === 'up' ? moving : moving.toReversed()).reduce((all, item) => {
    const siblings = all.filter((each) => groupOf(each) === groupOf(item));
    const at = siblings.indexOf(item);
    const next = siblings[direction === 'up' ? at - 1 : at + 1];
    if (next !== undefined && moving.includes(next)) return all;
    const blocks = siblings.map((each) => [each]);
    return step(all, blocks, at, direction);
  }, items);
}

/** The same for a group, among the groups that are where it is. */
export function stepGroup(items: readonly Item[], group: string, direction: 'up' | 'down'): readonly Item[] {
  const siblings = groupsIn(items.map(groupOf), groupAbove(group));
  const within = siblings.map((sibling) => items.filter((item) => isWithinGroup(sibling, groupOf(item))));
  return step(items, within, siblings.indexOf(group), direction);
}

/** The groups right within `outer` (undefined: the outermost ones), in the order of what they hold. */
export function groupsIn(groups: readonly (string | undefined)[], outer: string | undefined): readonly string[] {
  const found = groups.flatMap((group) => {
    if (group === undefined || group === outer || (outer !== undefined && !isWithinGroup(outer, group))) return [];
    const [name = ''] = (outer === undefined ? group : group.slice(outer.length + 1)).split('/');
    return [joined(outer, name)];
  });
  return [...new Set(found)];
}

function step(items: readonly Item[], blocks: readonly (readonly Item[])[], at: number, direction: 'up' | 'down'): readonly Item[] {
  const [block, other] = [blocks[at], blocks[direction === 'up' ? at - 1 : at + 1]];
  if (block === undefined || other === undefined) return items;
  const rest = items.filter((item) => !block.includes(item));
  const edge = direction === 'up' ? other[0] : other.at(-1);
  const index = edge === undefined ? rest.length : rest.indexOf(edge) + (direction === 'up' ? 0 : 1);
  return [...rest.slice(0, index), ...block, ...rest.slice(index)];
}

/** Where the moved go: dropped on one that moves along, it is the place of the next one that stays. */
function anchorOf(items: readonly Item[], moves: (item: Item) => boolean, before: string | undefined): Item | undefined {
  const from = before === undefined ? -1 : items.findIndex((item) => isAmong(item, [before]));
  return from < 0 ? undefined : items.slice(from).find((item) => !moves(item));
}

/** Without those that are within others of them. */
function outermost(groups: readonly string[]): readonly string[] {
  return groups.filter((group) => !groups.some((other) => other !== group && isWithinGroup(other, group)));
}

function isAmong({ name }: Item, names: readonly string[]): boolean {
  return typeof name === 'string' && names.some((other) => other.toLowerCase() === name.toLowerCase());
}

function groupOf({ group }: Item): string | undefined {
  return typeof group === 'string' ? groupPath(group) : undefined;
}

/** Everything else in the item stays, in its order. */
function inGroup(item: Item, group: string | undefined): Item {
  if (group !== undefined) return { ...item, group };
  return Object.fromEntries(Object.entries(item).filter(([key]) => key !== 'group'));
}

function joined(outer: string | undefined, name: string): string {
  return outer === undefined ? name : `${outer}/${name}`;
}
