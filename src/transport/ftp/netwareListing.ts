import { listed, type LineParser } from './listedEntry.ts';
import { dateAt, tokensOf } from './listingDate.ts';

/** Novell NetWare: `d [RWCEAFMS] owner   512 Jan 16 18:53 name`, also with the attributes at once after the `d`. */
export const parseNetwareLine: LineParser = ({ bytes, text }, decode) => {
  const found = /^([-d])\s?\[[-RWCEAFMSI]{8,9}\]\s{1,20}/i.exec(text);
  if (!found) return undefined;
  const [owner, size, ...rest] = tokensOf(text, found[0].length, 8);
  const date = dateAt(rest, 0, false);
  if (!owner || !size || !date || !/^\d{1,15}$/.test(size.text)) return undefined;
  // NetWare pads the date to a column; its names begin with no blank.
  let start = date.last.end;
  while (text[start] === ' ') start++;
  return listed(decode(bytes.subarray(start)), {
    kind: found[1] === 'd' ? 'directory' : 'file',
    size: Number(size.text),
    owner: owner.text,
    approximateMtime: date.time,
  });
};
