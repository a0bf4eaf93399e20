import { formatOffset, minutesAhead } from '../timeZone.ts';

const minute = 60_000;
/** Listings show the time of day for files of the last half year only. */
const shownWithTime = 150 * 24 * 60 * minute;
/** Time zones are whole quarters of an hour. */
const quarter = 15 * minute;
const tolerance = 90_000;
const farthestZone = 14 * 60 * minute;

/** Minutes by which a time zone explains that `shown` is ahead of `exact` (ms both); 0: they agree; undefined: it explains nothing. */
export function zoneBetween(shown: number, exact: number): number | undefined {
  const ahead = shown - exact;
  const zone = Math.round(ahead / quarter) * quarter;
  return Math.abs(ahead - zone) <= tolerance && Math.abs(zone) <= farthestZone ? zone / minute : undefined;
}

/** Those of `times` that a listing shows to the minute, newest first. */
export function exactlyShown<T extends { readonly approximateMtime: number | undefined }>(times: readonly T[], now: number): T[] {
  const isRecent = ({ approximateMtime: time }: T): boolean => time !== undefined && Math.abs(now - time) < shownWithTime;
  return times.filter(isRecent).sort((one, other) => (other.approximateMtime ?? 0) - (one.approximateMtime ?? 0));
}

/** A zone that is so many minutes ahead of UTC at `now`: this computer's own where that fits, which knows its summer time. */
export function likelyZone(minutes: number, now: number): string {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return minutes !== 0 && minutesAhead(timeZone, now) === minutes ? timeZone : formatOffset(minutes);
}
