import type { Blow } from './plan.ts';

/** What a run came to. Everything from `torn` on is a broken promise. */
export interface Tally {
  /** Asked for; a burst counts each of its own. */
  saves: number;
  acknowledged: number;
  refused: number;
  /** How often each reason was given. */
  readonly reasons: Record<string, number>;
  /** Faults that came to pass. */
  struck: Record<Blow, number>;
  /** Damaged in place, said so, and both contents kept on this computer. */
  told: number;
  torn: number;
  /** Empty, where neither the old nor the new content is. */
  empty: number;
  /** Acknowledged, and not there. */
  absent: number;
  unsettled: number;
  /** Failed with what no person can use: no RemoteError, no host, several lines. */
  untold: number;
  /** Changed after the save had settled. */
  late: number;
  /** Left on the server after what the editor does at the next connection. */
  temporaries: number;
  /** Left in the journal then. */
  entries: number;
  /** Of broken promises, in words, with the seed's round. */
  readonly remarks: string[];
}

export const promises = ['torn', 'empty', 'absent', 'unsettled', 'untold', 'late', 'temporaries', 'entries'] as const;

export function newTally(): Tally {
  const counts = { saves: 0, acknowledged: 0, refused: 0, told: 0, torn: 0, empty: 0, absent: 0, unsettled: 0, untold: 0, late: 0 };
  return { ...counts, temporaries: 0, entries: 0, struck: { cut: 0, reset: 0, stall: 0, kill: 0, restart: 0 }, reasons: {}, remarks: [] };
}

export function sumOf(tallies: readonly Tally[]): Tally {
  const total = newTally();
  for (const tally of tallies) {
    for (const key of ['saves', 'acknowledged', 'refused', 'told', ...promises] as const) total[key] += tally[key];
    for (const blow of Object.keys(tally.struck) as Blow[]) total.struck[blow] += tally.struck[blow];
    for (const [reason, count] of Object.entries(tally.reasons)) total.reasons[reason] = (total.reasons[reason] ?? 0) + count;
    total.remarks.push(...tally.remarks);
  }
  return total;
}

export function struckIn({ struck }: Tally): number {
  return Object.values(struck).reduce((sum, count) => sum + count, 0);
}
