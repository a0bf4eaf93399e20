import type { Attributes } from '../remote.ts';

/** How a server's times compare with those of this computer. */
export interface ServerClock {
  /** Milliseconds that the server's clock is ahead of this computer's; negative where it is behind. */
  readonly ahead: number;
  /** Smallest step of the times that it tells exactly, in ms. */
  readonly resolution: number;
  /** Of this computer, in ms since the epoch: lines of LIST show older times by the day only. */
  readonly now: number;
}

export type Newer = 'here' | 'there' | 'neither' | 'unknown';

const second = 1000;
const minute = 60 * second;
const day = 24 * 60 * minute;
/** FAT has times of two seconds, and a copy may have been cut to them on its way. */
const leastStep = 2 * second;
/** `ls` shows the time of day of what is younger than half a year; some servers are less generous. */
const shownByTheMinute = 150 * day;

/** Which of two files was changed last, as far as their times tell. */
export function newerOf(here: Attributes, there: Attributes, clock: ServerClock): Newer {
  const theirs = timeThere(there, clock);
  if (here.mtime === undefined || theirs === undefined) return 'unknown';
  const difference = here.mtime - (theirs.time - clock.ahead);
  if (Math.abs(difference) <= Math.max(leastStep, theirs.step)) return 'neither';
  return difference > 0 ? 'here' : 'there';
}

/** Whether the server's file may still have the time `known`, which the server itself told. What it does not tell is no difference. */
export function hasTime(there: Attributes, known: number | undefined, clock: ServerClock): boolean {
  const theirs = timeThere(there, clock);
  if (known === undefined || theirs === undefined) return true;
  return Math.abs(theirs.time - known) < theirs.step;
}

/** In ms: when, by the server's clock, and how far apart two times are at least that it tells differently. */
function timeThere({ mtime, shownTime }: Attributes, { resolution, now }: ServerClock): { time: number; step: number } | undefined {
  if (mtime !== undefined) return { time: mtime, step: resolution };
  if (shownTime === undefined) return undefined;
  return { time: shownTime, step: now - shownTime < shownByTheMinute ? minute : day };
}

/**
 * Milliseconds that a server is ahead which gave the time `told`, to the second, to a file that was written between `began` and `ended`;
 * 0 where that may be. Also one that tells its own zone's times for UTC is ahead, or behind.
 */
export function aheadBy(told: number, began: number, ended: number): number {
  const [least, most] = [told - ended, told + second - began];
  return least <= 0 && most >= 0 ? 0 : Math.round((least + most) / 2);
}
