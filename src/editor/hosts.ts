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
  remove(names: readonly string[]): Promise<void>;
  /** Makes another order of the items, or other groups; the setting is written once, and only if something changes. */
  arrange(change: (items: readonly HostItem[]) => readonly HostItem[]): Promise<void>;
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
    const next = last.then(async () => {
      const before = itemsOf(settings.hosts);
      const after = by(before);
      if (JSON.stringify(after) !== JSON.stringify(before)) await settings.saveHosts(after);
    });
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
    remove: (names) => change((items) => items.filter((item) => !names.some((name) => isNamed(name)(item)))),
    arrange: change,
    onDidChange: changed.event,
    dispose() {
      subscription.dispose();
      changed.dispose();
    },
  };
}
