import { listed, type LineParser } from './listedEntry.ts';
import { clockOf, timeOn } from './listingDate.ts';
import { monthNamed } from './listingMonths.ts';

const blockBytes = 512;

/** OpenVMS: `NAME.EXT;1  12/15  2-JUL-2003 10:30:08.59  [GROUP,OWNER]  (RWED,RWED,RE,)`, the columns in any order. */
export const parseVmsLine: LineParser = ({ bytes, text }, decode) => {
  const name = /^(\S{1,255});\d{1,5}(?=\s|$)/.exec(text);
  if (!name) return undefined;
  const rest = text.slice(name[0].length, name[0].length + 200);
  const date = /\b(\d{1,2})-([^-\s\d]{3,9})-(\d{4})(?: +(\d{1,2}:\d\d(?::\d\d)?)(?:\.\d+)?)?/.exec(rest);
  const month = date ? monthNamed(date[2] ?? '') : undefined;
  if (!date || month === undefined) return undefined;
  const day = [Number(date[3]), month, Number(date[1])] as const;
  const directory = /\.DIR$/i.test(name[1] ?? '');
  const owner = /\[([^\]]{1,60})\]/.exec(rest)?.[1];
  // The version is part of the name, but not of a folder's: paths go without `.DIR;1`.
  const end = directory ? (name[1] ?? '').length - '.DIR'.length : name[0].length;
  return listed(decode(bytes.subarray(0, end)), {
    kind: directory ? 'directory' : 'file',
    ...sizeOf(rest.replace(date[0], ' ')),
    owner: owner?.split(',').pop(),
    group: owner?.includes(',') ? owner.split(',')[0] : undefined,
    approximateMtime: timeOn(day, date[4] === undefined ? undefined : clockOf(date[4])),
  });
};

/** Sizes are in blocks (used/allocated), or in words such as `2KB`: never exact. */
function sizeOf(rest: string): { size: number; exactSize: boolean } {
  const found = /(?:^|\s)(\d{1,12})(?:\/\d{1,12})?(KB|MB|GB)?(?=\s|$)/.exec(rest);
  const power = ['KB', 'MB', 'GB'].indexOf(found?.[2] ?? '') + 1;
  return { size: Number(found?.[1] ?? 0) * (power === 0 ? blockBytes : 1024 ** power), exactSize: false };
}

/** Whether this is the first half of an entry: a long name alone on its line. */
export function joinsVmsLine(text: string): boolean {
  return /^\S{1,255};\d{1,5}\s{0,20}$/.test(text);
}

export function isVmsHeading(text: string): boolean {
  return /^\s{0,20}(?:Directory \S|(?:Grand )?Total of \d)/i.test(text);
}
