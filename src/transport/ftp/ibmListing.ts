import { listed, type LineParser } from './listedEntry.ts';
import { clockOf, fullYear, timeOn } from './listingDate.ts';

/** AS/400 (IBM i) and MVS (z/OS). */
export const parseIbmLine: LineParser = (line, decode) =>
  parseAs400(line, decode) ?? parseDataset(line, decode) ?? parseMember(line, decode);

/** `QSYS  77824 02/23/00 15:09:55 *DIR name/`. */
const parseAs400: LineParser = ({ bytes, text }, decode) => {
  const found = /^(\S{1,20})\s+(\d{1,16})\s+(\d\d)([/.-])(\d\d)\4(\d\d)\s+(\d\d:\d\d:\d\d)\s+\*([A-Z0-9]{2,10})\s+(?=\S)/.exec(text);
  if (!found) return undefined;
  const [whole, owner, size, first, separator, second, year, time = '', type = ''] = found;
  const folder = text.endsWith('/');
  const dayFirst = separator === '.' || Number(first) > 12;
  const day = [fullYear(Number(year)), Number(dayFirst ? second : first) - 1, Number(dayFirst ? first : second)] as const;
  return listed(decode(bytes.subarray(whole.length, folder ? -1 : undefined)), {
    kind: folder || /^(?:DIR|LIB|DDIR|FLR)$/.test(type) ? 'directory' : 'file',
    size: Number(size),
    owner,
    approximateMtime: timeOn(day, clockOf(time)),
  });
};

/** `WYOSPT 3420   2003/05/21  1  200  FB      80  8053  PS  NAME`; partitioned data sets are folders. */
const parseDataset: LineParser = ({ bytes, text }, decode) => {
  const moved = /^(?:Migrated|[A-Z0-9]{1,6}\s+Tape)\s+(?=\S+$)/.exec(text);
  if (moved) return listed(decode(bytes.subarray(moved[0].length)), { kind: 'file' });
  const found =
    /^\S{1,6}\s+\S{4,5}\s+(?:(\d{4})\/(\d\d)\/(\d\d)|\*\*NONE\*\*|(?=VSAM))\s*(?:(?:\d+\s+)?(?:\d+|[?+]{4})\s+[A-Z]{1,4}\s+\d+\s+\d+\s+)?(P[SO](?:-E)?|DA|VSAM)\s+(?=\S+$)/.exec(
      text,
    );
  if (!found) return undefined;
  const [whole, year, month, day, organisation] = found;
  return listed(decode(bytes.subarray(whole.length)), {
    kind: organisation?.startsWith('PO') ? 'directory' : 'file',
    approximateMtime: year === undefined ? undefined : timeOn([Number(year), Number(month) - 1, Number(day)], undefined),
  });
};

/** `MEMBER 01.01 2004/06/22 2004/06/22 16:32   128   128    0 USER`: the size is in lines. */
const parseMember: LineParser = ({ bytes, text }, decode) => {
  const found =
    /^\s?(\S{1,20})\s+\d\d\.\d\d\s+\d{4}\/\d\d\/\d\d\s+(\d{4})\/(\d\d)\/(\d\d)\s+(\d\d:\d\d(?::\d\d)?)\s+\d+\s+\d+\s+\d+\s+\S+\s*$/.exec(
      text,
    );
  if (!found) return undefined;
  const start = text.startsWith(' ') ? 1 : 0;
  return listed(decode(bytes.subarray(start, start + (found[1] ?? '').length)), {
    kind: 'file',
    owner: text.trim().split(/\s+/).pop(),
    approximateMtime: timeOn([Number(found[2]), Number(found[3]) - 1, Number(found[4])], clockOf(found[5] ?? '')),
  });
};
