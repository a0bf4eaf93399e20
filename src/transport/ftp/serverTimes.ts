import type { FtpOptions } from '../../core/host.ts';
import { parseTimeZone } from '../../core/timeZone.ts';
import type { ListedEntry } from './listedEntry.ts';

/** In which zone a server tells times, by the settings of its host. All in ms since the epoch; what it tells is read as if it were UTC. */
export interface ServerTimes {
  /** When it was, by what MDTM, MLST or MLSD told. */
  readonly instant: (told: number) => number;
  /** What MFMT, or MDTM with two arguments, has to be told. */
  readonly told: (instant: number) => number;
  /** When it was, by what LIST shows; undefined where its zone is not known. */
  readonly listed: ((shown: number) => number) | undefined;
}

const asTold = (time: number): number => time;

export function serverTimes({ timeZone, localTimes }: Pick<FtpOptions, 'timeZone' | 'localTimes'>): ServerTimes {
  const zone = timeZone === undefined ? undefined : parseTimeZone(timeZone);
  if (zone === undefined) return { instant: asTold, told: asTold, listed: undefined };
  const { instant, shown } = zone;
  return { instant: localTimes ? instant : asTold, told: localTimes ? shown : asTold, listed: instant };
}

/** EPLF, and lines of numbers only: seconds since the epoch. */
const secondsSinceEpoch = /^(?:\+|0[0-7]{5,6} )/;

/** The entry of a line of LIST with its time in it, if it had one that is to be understood. */
export function withShownTime(entry: ListedEntry, text: string, { listed }: ServerTimes): ListedEntry {
  const time = entry.approximateMtime;
  if (time === undefined || listed === undefined) return entry;
  return { ...entry, shownTime: secondsSinceEpoch.test(text) ? time : listed(time) };
}
