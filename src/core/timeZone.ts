const minute = 60_000;
const day = 24 * 60 * minute;
/** Of days whose offset was looked up; a folder's times lie within some years. */
const mostDays = 20_000;

/** A zone, with its daylight saving time. Times are ms since the epoch; what clocks there show is given as if it were UTC. */
export interface TimeZone {
  /** What clocks in the zone show at `instant`. */
  readonly shown: (instant: number) => number;
  /**
   * When clocks in the zone show `wall`: of two such times, when clocks are put back, the first; where clocks are put forward over it, as
   * if they were not yet.
   */
  readonly instant: (wall: number) => number;
}

/** `Europe/Berlin` and other names of the IANA database, `UTC`, `+02:00`, `-0330`, `UTC+2`; undefined for anything else. */
export function parseTimeZone(text: string): TimeZone | undefined {
  const minutes = offsetIn(text);
  return minutes === undefined ? named(text) : fixed(minutes * minute);
}

/** Minutes ahead of UTC at `now` by `text`; undefined where that is no zone. */
export function minutesAhead(text: string, now: number): number | undefined {
  const zone = parseTimeZone(text);
  return zone && Math.round((zone.shown(now) - now) / minute);
}

/** The fixed zone that is so many minutes ahead of UTC, as `parseTimeZone` reads it. */
export function formatOffset(minutes: number): string {
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `${minutes < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}`;
}

const farthestMinutes = 14 * 60;

function offsetIn(text: string): number | undefined {
  const found = /^(?:UTC|GMT)?([+-])(\d{1,2})(?::?([0-5]\d))?$/i.exec(text.trim());
  if (!found) return undefined;
  const minutes = Number(found[2]) * 60 + Number(found[3] ?? 0);
  if (minutes > farthestMinutes) return undefined;
  return found[1] === '-' ? -minutes : minutes;
}

function fixed(offset: number): TimeZone {
  return { shown: (instant) => instant + offset, instant: (wall) => wall - offset };
}

function named(text: string): TimeZone | undefined {
  if (!/^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/.test(text)) return undefined;
  try {
    const offsetAt = offsetsOf(text);
    offsetAt(0);
    const shown = (instant: number): number => instant + offsetAt(instant);
    return { shown, instant: (wall) => firstShowing(wall, offsetAt) };
  } catch {
    return undefined;
  }
}

function firstShowing(wall: number, offsetAt: (instant: number) => number): number {
  const [before, after] = [offsetAt(wall - day), offsetAt(wall + day)];
  const early = wall - before;
  if (before === after || offsetAt(early) === before) return early;
  const late = wall - after;
  return offsetAt(late) === after ? late : early;
}

/** Throws a RangeError for an unknown zone. */
function offsetsOf(timeZone: string): (instant: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23', era: 'short' },
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
  });
  const lookUp = (instant: number): number => {
    const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, value]));
    const of = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
    const year = parts.get('era') === 'BC' ? 1 - of('year') : of('year');
    const wall = Date.UTC(year, of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
    return wall - Math.floor(instant / 1000) * 1000;
  };
  // A day that begins and ends with the same offset has it throughout: few days need more than one look.
  const starts = new Map<number, number>();
  const atStart = (number: number): number => {
    const known = starts.get(number);
    if (known !== undefined) return known;
    if (starts.size >= mostDays) starts.clear();
    const offset = lookUp(number * day);
    starts.set(number, offset);
    return offset;
  };
  return (instant) => {
    const number = Math.floor(instant / day);
    const offset = atStart(number);
    return offset === atStart(number + 1) ? offset : lookUp(instant);
  };
}
