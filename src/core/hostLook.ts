/** How the person wants a host to be kept and shown. Connections do not care. */
export interface HostLook {
  /** Names of nested groups with `/` between, as `groupPath` writes them; undefined: in none. Raw: `safeText` it. */
  readonly group: string | undefined;
  readonly color: HostColor | undefined;
  /** The name of one of VS Code's icons: `isIconName`. */
  readonly icon: string | undefined;
}

export type HostColor = (typeof hostColors)[number];

/** Those that every theme of VS Code has for charts. */
export const hostColors = ['red', 'orange', 'yellow', 'green', 'blue', 'purple'] as const;

/**
 * What is asked before something on the host changes. `ask`: whether it may, once a window. `readOnly`: nothing changes there, whoever wants it.
 * Undefined: nothing is asked.
 */
export type Protection = 'ask' | 'readOnly';

export const plainLook: HostLook = { group: undefined, color: undefined, icon: undefined };

const deepest = 8;
const longestName = 80;

/** A group in its one spelling, without blanks around the names and without empty names; undefined where no name is left. */
export function groupPath(text: string): string | undefined {
  const names = namesOf(text);
  return names.length === 0 ? undefined : names.join('/');
}

/** Whether a text may stand for a group: one line, not too many names, none too long. Blank: none. */
export function isGroup(text: string): boolean {
  const names = namesOf(text);
  return !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text) && names.length <= deepest && names.every((name) => name.length <= longestName);
}

/** The group that holds it, or undefined for an outermost one. */
export function groupAbove(group: string): string | undefined {
  const end = group.lastIndexOf('/');
  return end < 0 ? undefined : group.slice(0, end);
}

export function groupName(group: string): string {
  return group.slice(group.lastIndexOf('/') + 1);
}

/** Whether `group` is `outer` or within it. Names are compared as they are written. */
export function isWithinGroup(outer: string, group: string | undefined): boolean {
  return group !== undefined && (group === outer || group.startsWith(`${outer}/`));
}

/** Where `group` is after `from`, which it is or is within, became `to`; undefined: in none. */
export function regrouped(group: string, from: string, to: string | undefined): string | undefined {
  return groupPath(`${to ?? ''}${group.slice(from.length)}`);
}

/** Folders of another tool as a group: a name holds no `/`. */
export function groupOfFolders(folders: readonly string[]): string | undefined {
  const names = folders.map((name) =>
    name
      .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
      .replaceAll('/', '-')
      .trim()
      .slice(0, longestName),
  );
  return groupPath(names.slice(0, deepest).join('/'));
}

/** Nothing but what VS Code's icons are named by: no modifier, no path. */
export function isIconName(text: string): boolean {
  return text.length <= 60 && /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(text);
}

function namesOf(text: string): readonly string[] {
  return text
    .split('/')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}
