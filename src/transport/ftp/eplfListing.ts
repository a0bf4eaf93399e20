import { listed, type LineParser, type ListedAttributes } from './listedEntry.ts';

/** Easily Parsed LIST Format (publicfile, anonftpd): `+i8388621.48594,m825718503,r,s280,up644<TAB>name`. */
export const parseEplfLine: LineParser = ({ bytes, text }, decode) => {
  const tab = text.indexOf('\t');
  if (!text.startsWith('+') || tab < 0) return undefined;
  const told: { -readonly [Fact in keyof ListedAttributes]?: ListedAttributes[Fact] } = {};
  for (const fact of text.slice(1, tab).split(',')) {
    if (fact === '/') told.kind = 'directory';
    else if (fact === 'r') told.kind ??= 'file';
    else if (/^s\d{1,15}$/.test(fact)) told.size = Number(fact.slice(1));
    else if (/^m\d{1,12}$/.test(fact)) told.approximateMtime = Number(fact.slice(1)) * 1000;
    else if (/^up[0-7]{1,5}$/.test(fact)) told.mode = parseInt(fact.slice(2), 8) & 0o7777;
  }
  return listed(decode(bytes.subarray(tab + 1)), { ...told, kind: told.kind ?? 'other' });
};
