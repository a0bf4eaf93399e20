import { hide, isHidden, shown } from './ftpSimple.ts';
import type { ImportedSecret, TextCut, TextPlace } from './imported.ts';
import { afterBlank, type JsonMember, type JsonObject, nodeAt, parseJson } from './json.ts';
import { cut, cutAway, withCuts } from './textCut.ts';

export interface Scrubbed {
  readonly text: string;
  /** So many of the secrets stood in it still. */
  readonly removed: number;
}

/**
 * The text of a file, without a byte order mark, without those secrets that still stand in it as they were imported; all else, comments and
 * blanks too, stays as it is. Throws `ImportError` where a JSON file is none any more.
 */
export async function scrubbed(text: string, secrets: readonly ImportedSecret[]): Promise<Scrubbed> {
  const inText = secrets.flatMap(({ place }) => (place !== undefined && 'cuts' in place ? [place] : []));
  if (inText.length > 0) return withoutPieces(text, inText);
  if (!isHidden(text)) return withoutMembers(text, secrets);
  const plain = withoutMembers(await shown(text), secrets);
  return { ...plain, text: plain.removed === 0 ? text : await hide(plain.text) };
}

/** What is not there any more, to the letter, is somewhere else by now: nothing is looked for. */
function withoutPieces(text: string, places: readonly TextPlace[]): Scrubbed {
  const there = places.filter(({ cuts }) => cuts.every(({ at, was }) => text.startsWith(was, at)));
  const cuts = new Map(there.flatMap(({ cuts: own }) => own.map((each) => [each.at, each])));
  return { text: withCuts(text, [...cuts.values()]), removed: there.length };
}

function withoutMembers(text: string, secrets: readonly ImportedSecret[]): Scrubbed {
  const root = parseJson(text);
  const edits = new Map<number, TextCut>();
  const leaving = new Map<JsonObject, Set<JsonMember>>();
  let removed = 0;
  for (const { value, place } of secrets) {
    if (place === undefined || 'cuts' in place) continue;
    const { path, instead } = place;
    const holder = nodeAt(root, path.slice(0, -1));
    if (holder?.kind !== 'object') continue;
    // One that an equal one below overrides would come to light again.
    const found = holder.members.filter(({ key, node }) => key === path.at(-1) && node.kind === 'leaf' && node.value === value);
    for (const member of found) {
      const { start, end } = member.node;
      if (instead === 'true') edits.set(start, cut(text, start, end, 'true'));
      else leaving.set(holder, (leaving.get(holder) ?? new Set()).add(member));
    }
    if (found.length > 0) removed += 1;
  }
  for (const [holder, members] of leaving) for (const edit of removals(text, holder, members)) edits.set(edit.at, edit);
  return { text: withCuts(text, [...edits.values()]), removed };
}

function removals(text: string, holder: JsonObject, leaving: ReadonlySet<JsonMember>): readonly TextCut[] {
  const edits = [...leaving].map(({ start, node }) => cutAway(text, start, commaAfter(text, node.end) ?? node.end));
  const staying = holder.members.filter((member) => !leaving.has(member)).at(-1);
  const last = holder.members.at(-1);
  if (staying === undefined || last === undefined || !leaving.has(last) || commaAfter(text, last.node.end) !== undefined) return edits;
  // What stays last needs no comma behind it.
  const comma = commaAfter(text, staying.node.end);
  return comma === undefined ? edits : [...edits, cut(text, comma - 1, comma)];
}

/** Past the comma that follows, if one does. */
function commaAfter(text: string, at: number): number | undefined {
  const next = afterBlank(text, at);
  return text[next] === ',' ? next + 1 : undefined;
}
