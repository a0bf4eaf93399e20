import type { Host, Protocol } from '../host.ts';
import { hostFields, type HostKey } from '../hostFields.ts';

/** One setting of a host as it should be; undefined: the default, so that the item says nothing about it. */
export interface SettingChange {
  readonly key: HostKey;
  readonly value: string | number | boolean | undefined;
  /** Makes the connection less safe than it is: never done unless the person picks it. */
  readonly weakens?: true;
}

/** The person's own `ssh` carries the connection from now on. */
export function byOpenssh({ sftp }: Host): SettingChange[] {
  return [{ key: 'client', value: 'openssh' }, ...(sftp.legacyAlgorithms ? [{ key: 'legacyAlgorithms', value: undefined } as const] : [])];
}

type Item = Readonly<Record<string, unknown>>;

/** The item of `ferry.hosts` with these changes; what means nothing for its protocol then goes. */
export function changedItem(item: Item, changes: readonly SettingChange[]): Item {
  const changed: Record<string, unknown> = { ...item };
  for (const { key, value } of changes) changed[key] = value;
  const protocol = changed['protocol'] as Protocol;
  return Object.fromEntries(Object.entries(changed).filter(([key, value]) => value !== undefined && means(key, protocol)));
}

/** Those of the changes that change the item. */
export function effective(item: Item, changes: readonly SettingChange[]): SettingChange[] {
  return changes.filter(({ key, value }) => item[key] !== value);
}

function means(key: string, protocol: Protocol): boolean {
  if (!Object.hasOwn(hostFields, key)) return true;
  const field: { readonly only?: readonly Protocol[] } = hostFields[key as HostKey];
  return field.only?.includes(protocol) ?? true;
}
