/** Content of a file; undefined: there is no such file. */
export type Held = Buffer | undefined;

/** A save that has settled. */
export interface Settled {
  readonly content: Buffer;
  readonly acknowledged: boolean;
}

export function isSame(one: Held, other: Held): boolean {
  return one === undefined || other === undefined ? one === other : one.equals(other);
}

/**
 * What the file may hold after saves that were asked for in this order: the last one that was acknowledged, or a later one whose outcome
 * nobody knows; what was there before only where none was acknowledged.
 */
export function allowedAfter(old: Held, saves: readonly Settled[]): readonly Held[] {
  const sure = saves.findLastIndex(({ acknowledged }) => acknowledged);
  const later = saves.slice(Math.max(0, sure)).map(({ content }) => content);
  return sure < 0 ? [old, ...later] : later;
}

/** Which promise a file that holds none of what it may breaks. */
export function brokenPromise(now: Held, old: Held, saves: readonly Settled[]): 'torn' | 'empty' | 'absent' {
  const whole = [old, ...saves.map(({ content }) => content)];
  if (whole.some((one) => isSame(now, one))) return 'absent';
  if (now === undefined) return 'absent';
  return now.length === 0 ? 'empty' : 'torn';
}
