import type { SettingChange } from './settingChange.ts';

/** What a finding means for the person. */
export interface Advice {
  /** `problem`: it keeps Ferry from working, in part at least. `info`: Ferry copes. */
  readonly weight: 'problem' | 'info';
  /** What is so, in one sentence or two. */
  readonly what: string;
  /** What to do about it; undefined where there is nothing to do. */
  readonly todo?: string | undefined;
  readonly changes?: readonly SettingChange[];
}

export const problem = (what: string, todo?: string, changes?: readonly SettingChange[]): Advice => ({
  weight: 'problem',
  what,
  todo,
  ...(changes && { changes }),
});
export const info = (what: string, todo?: string, changes?: readonly SettingChange[]): Advice => ({
  ...problem(what, todo, changes),
  weight: 'info',
});
