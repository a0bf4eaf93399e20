/** Milliseconds of the runs of one operation on one line. */
export interface Times {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly runs: number;
}

export function timesOf(values: readonly number[]): Times {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, min: sorted[0]!, max: sorted.at(-1)!, runs: sorted.length };
}
