import { exactlyShown, likelyZone, zoneBetween } from '../../core/diagnosis/zoneGuess.ts';
import { t } from '../../core/l10n.ts';
import { child } from '../../core/path.ts';
import type { Remote } from '../../core/remote.ts';
import { formatOffset, minutesAhead } from '../../core/timeZone.ts';
import type { ListedEntry } from '../ftp/listing.ts';
import type { Course, Notes } from './course.ts';

/** Times of one file as an FTP server tells them by each of its ways, read as if they were UTC; undefined where it tells none. */
export interface ToldTimes {
  readonly mdtm: number | undefined;
  readonly mlst: number | undefined;
  readonly list: number | undefined;
}

export interface Written {
  /** Of the server, as Ferry understands it; undefined where it tells none. */
  readonly mtime: number | undefined;
  readonly told: ToldTimes | undefined;
  /** Of this computer, when it was written. */
  readonly now: number;
}

export interface ClockSources {
  readonly written: Written | undefined;
  /** By LIST, with the server's own times. */
  readonly listed: readonly ListedEntry[];
  readonly folder: string;
}

/** A clock that is further off is worth a word, in ms. */
const clockTolerance = 30_000;
const minute = 60_000;

/**
 * The server's clock and its zone: by the file that was just written, else the zone alone, by what listings show of a file whose exact time
 * the server tells.
 */
export async function lookAtClock(course: Course, remote: Remote, sources: ClockSources): Promise<void> {
  await course.step('clock', async (notes) => {
    const { written } = sources;
    const clock = new Clock(course, notes);
    if (written?.mtime !== undefined) clock.exact(written.mtime, written.now);
    if (written?.told !== undefined) {
      clock.ways(written.told, written.now);
      if (written.told.list !== undefined) {
        clock.listing(written.told.list, written.now, written.mtime !== undefined);
        return 'works';
      }
    }
    const isKnown = await compareListed(course, remote, sources, clock);
    if (isKnown || written?.mtime !== undefined) return 'works';
    notes.add(t('Nothing tells: no file was written, and no time was listed.'));
    return 'skipped';
  });
}

async function compareListed({ signal }: Course, remote: Remote, { listed, folder }: ClockSources, clock: Clock): Promise<boolean> {
  const files = listed.filter(({ kind }) => kind === 'file');
  const [sample] = exactlyShown(files, Date.now());
  if (sample?.approximateMtime === undefined) return false;
  const { mtime } = await remote.stat(child(folder, sample.name), { signal });
  if (mtime === undefined) clock.noExactTimes();
  else clock.listing(sample.approximateMtime, mtime, true);
  return true;
}

/** What times say of the server's clock. */
class Clock {
  readonly #course: Course;
  readonly #notes: Notes;
  #foundZone: number | undefined;

  constructor(course: Course, notes: Notes) {
    this.#course = course;
    this.#notes = notes;
  }

  /** The time that Ferry understands for a file that was written at `now`. */
  exact(mtime: number, now: number): void {
    const ahead = mtime - now;
    const zone = zoneBetween(mtime, now);
    const { ftp, protocol } = this.#course.host;
    const set = protocol !== 'sftp' && ftp.localTimes && ftp.timeZone !== undefined ? minutesAhead(ftp.timeZone, now) : undefined;
    if (Math.abs(ahead) <= clockTolerance) {
      const seconds = Math.ceil(Math.abs(ahead) / 1000);
      this.#notes.add(seconds > 1 ? t('The clocks agree within {0} seconds.', seconds) : t('The clocks agree to the second.'));
      if (set !== undefined) this.#notes.add(t('It tells exact times of its own zone, UTC{0}, as the host is set to.', formatOffset(set)));
    } else if (zone !== undefined && zone !== 0) this.#findZone(zone + (set ?? 0), 'times', now);
    else this.#notes.find({ kind: 'clockOff', seconds: Math.round(ahead / 1000) });
  }

  /** What each command told of a file that was written at `now`. */
  ways({ mdtm, mlst, list }: ToldTimes, now: number): void {
    for (const [way, told] of [
      ['MDTM', mdtm],
      ['MLST', mlst],
      ['LIST', list],
    ] as const)
      if (told !== undefined) this.#notes.add(sayTold(way, told, now));
  }

  /** What a listing shows of a file of which `instant` is known. */
  listing(time: number, instant: number, hasExact: boolean): void {
    const zone = zoneBetween(time, instant);
    if (zone === undefined || zone === this.#foundZone) return;
    const { timeZone } = this.#course.host.ftp;
    const set = timeZone === undefined ? undefined : minutesAhead(timeZone, instant);
    if (zone === set) this.#notes.add(t('Listings show times of {0}, as the host is set to.', timeZone ?? ''));
    else if (zone === 0 && set === undefined) this.#notes.add(t('Listings show times in UTC.'));
    else this.#findZone(zone, hasExact ? 'listing' : 'onlyListing', instant);
  }

  noExactTimes(): void {
    this.#notes.add(t('The server tells no exact times; those of its listings are of its own zone.'));
  }

  #findZone(minutes: number, of: 'times' | 'listing' | 'onlyListing', now: number): void {
    this.#foundZone = minutes;
    this.#notes.find({ kind: 'timeZone', minutes, of, zone: likelyZone(minutes, now) });
  }
}

/** Lists show whole minutes: one that just began, or just ended, is no difference. */
function sayTold(way: 'MDTM' | 'MLST' | 'LIST', told: number, now: number): string {
  const time = way === 'LIST' ? shown(told).slice(0, 'yyyy-mm-dd hh:mm'.length) : shown(told);
  if (Math.abs(told - now) < 1.5 * minute) return t('{0} tells {1}, which is UTC.', way, time);
  return t('{0} tells {1}, {2} minutes from UTC here.', way, time, Math.round((told - now) / minute));
}

function shown(told: number): string {
  return new Date(told).toISOString().slice(0, 19).replace('T', ' ');
}
