import { createEmitter } from '../core/events.ts';
import type { Disposable, Event } from '../core/events.ts';
import type { Host } from '../core/host.ts';
import { parseHosts } from '../core/hosts.ts';
import type { HostItem, Settings } from './settings.ts';

/** The hosts of the setting `ferry.hosts`, in its order. Changes write the setting; an item with mistakes is kept as it is. */
export interface SavedHosts extends Disposable {
  readonly all: readonly Host[];
  /** What is wrong in the setting, in plain words. */
  readonly problems: readonly string[];
  /** Names are compared without case. */
  find(name: string): Host | undefined;
  item(name: string): HostItem | undefined;
  /** At the end, or right behind the host `after`. */
  add(item: HostItem, after?: string): Promise<void>;
  /** The item of that name gives way to `item`, at the same place; added if it has gone meanwhile. */
  replace(name: string, item: HostItem): Promise<void>;
  /** Each in the place of the one that it `replaces`, else at the end; all at once. */
  saveAll(changes: readonly { readonly item: HostItem; readonly replaces: string | undefined }[]): Promise<void>;
  remove(name: string): Promise<void>;
  /** Before the host `before`; to the end where that is undefined. */
  move(names: readonly string[], before: string | undefined): Promise<void>;
  readonly onDidChange: Event<undefined>;
}

type Change = (items: readonly HostItem[]) => readonly HostItem[];

function isNamed(name: string): (item: HostItem) => boolean {
  return (item) => typeof item['name'] === 'string' && item['name'].toLowerCase() === name.toLowerCase();
}

function replaced(items: readonly HostItem[], name: string, item: HostItem): readonly HostItem[] {
  return items.some(isNamed(name)) ? items.map((old) => (isNamed(name)(old) ? item : old)) : [...items, item];
}

function itemsOf(setting: unknown): readonly HostItem[] {
  return Array.isArray(setting) ? (setting as HostItem[]).filter((item) => typeof item === 'object' && (item as unknown) !== null) : [];
}

function moved(items: readonly HostItem[], names: readonly string[], before: string | undefined): readonly HostItem[] {
  const moves = (item: HostItem) => names.some((name) => isNamed(name)(item));
  // Dropped on one that moves along: its place is that of the next one that stays.
  const from = before === undefined ? items.length : items.findIndex(isNamed(before));
  const anchor = items.slice(from < 0 ? items.length : from).find((item) => !moves(item));
  const rest = items.filter((item) => !moves(item));
  const at = anchor === undefined ? rest.length : rest.indexOf(anchor);
  return [...rest.slice(0, at), ...items.filter(moves), ...rest.slice(at)];
}

export function createSavedHosts(settings: Settings): SavedHosts {
  const changed = createEmitter<undefined>();
  let parsed = parseHosts(settings.hosts);
  const subscription = settings.onDidChangeHosts(() => {
    parsed = parseHosts(settings.hosts);
    changed.fire(undefined);
  });

  // One change after another, each from what is there by then.
  let last: Promise<void> = Promise.resolve();
  const change = (by: Change): Promise<void> => {
    const next = last.then(() => settings.saveHosts(by(itemsOf(settings.hosts))));
    last = next.catch(() => undefined);
    return next;
  };
  const insert = (items: readonly HostItem[], item: HostItem, at: number) => [...items.slice(0, at), item, ...items.slice(at)];

  return {
    get all() {
      return parsed.hosts;
    },
    get problems() {
      return parsed.problems;
    },
    find: (name) => parsed.hosts.find((host) => host.name.toLowerCase() === name.toLowerCase()),
    item: (name) => itemsOf(settings.hosts).find(isNamed(name)),
    add: (item, after) =>
      change((items) => {
        const at = after === undefined ? -1 : items.findIndex(isNamed(after));
        return insert(items, item, at < 0 ? items.length : at + 1);
      }),
    replace: (name, item) => change((items) => replaced(items, name, item)),
    saveAll: (changes) =>
      changes.length === 0
        ? Promise.resolve()
        : change((items) =>
            changes.reduce((all, { item, replaces }) => (replaces === undefined ? [...all, item] : replaced(all, replaces, item)), items),
          ),
    remove: (name) => change((items) => items.filter((item) => !isNamed(name)(item))),
    move: (names, before) => change((items) => moved(items, names, before)),
    onDidChange: changed.event,
    dispose() {
      subscription.dispose();
      changed.dispose();
    },
  };
}
