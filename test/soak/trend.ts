/** How much of growth is no growth: in parts of the mean, and in the value's own unit. */
export interface Tolerance {
  readonly share: number;
  readonly units: number;
}

/** The first fifth of the samples, at least two: caches fill and code is compiled. */
export function withoutWarmUp<T>(samples: readonly T[]): readonly T[] {
  return samples.slice(Math.max(2, Math.ceil(samples.length / 5)));
}

/** By how much a line through the values (least squares) rises from the first to the last. */
export function riseOf(values: readonly number[]): number {
  const last = values.length - 1;
  if (last < 1) return 0;
  const mean = meanOf(values);
  const middle = last / 2;
  const above = sumOf(values.map((value, index) => (index - middle) * (value - mean)));
  const below = sumOf(values.map((_, index) => (index - middle) ** 2));
  return (above / below) * last;
}

export function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : sumOf(values) / values.length;
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

export function isFlat(values: readonly number[], { share, units }: Tolerance): boolean {
  return riseOf(values) <= meanOf(values) * share + units;
}
