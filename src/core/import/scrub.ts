import type { ImportedSecret } from './imported.ts';
import { afterBlank, type JsonMember, type JsonObject, nodeAt, parseJson } from './json.ts';

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * The text of a JSON file without those secrets that still stand in it as they were imported; all else, comments and blanks too, stays
 * as it is. `removed`: how many places changed. Throws `ImportError` where the text is no JSON any more.
 */
export function scrubbed(text: string, secrets: readonly ImportedSecret[]): { readonly text: string; readonly removed: number } {
  const root = parseJson(text);
  const edits = new Map<number, Edit>();
  const leaving = new Map<JsonObject, Set<JsonMember>>();
  let removed = 0;
  for (const { value, place } of secrets) {
    const holder = place === undefined ? undefined : nodeAt(root, place.path.slice(0, -1));
    if (place === undefined || holder?.kind !== 'object') continue;
    // One that an equal one below overrides would come to light again.
    for (const member of holder.members.filter(
      ({ key, node }) => key === place.path.at(-1) && node.kind === 'leaf' && node.value === value,
    )) {
      const { start, end } = member.node;
      if (place.instead === 'true') edits.set(start, { start, end, text: 'true' });
      else leaving.set(holder, (leaving.get(holder) ?? new Set()).add(member));
      removed += 1;
    }
  }
  for (const [holder, members] of leaving) for (const edit of removals(text, holder, members)) edits.set(edit.start, edit);
  const backwards = [...edits.values()].toSorted((one, other) => other.start - one.start);
  return { text: backwards.reduce((result, edit) => result.slice(0, edit.start) + edit.text + result.slice(edit.end), text), removed };
}

function removals(text: string, holder: JsonObject, leaving: ReadonlySet<JsonMember>): readonly Edit[] {
  const edits = [...leaving].map(({ start, node }) => alone(text, start, commaAfter(text, node.end) ?? node.end));
  const staying = holder.members.filter((member) => !leaving.has(member)).at(-1);
  const last = holder.members.at(-1);
  if (staying === undefined || last === undefined || !leaving.has(last) || commaAfter(text, last.node.end) !== undefined) return edits;
  // What stays last needs no comma behind it.
  const comma = commaAfter(text, staying.node.end);
  return comma === undefined ? edits : [...edits, { start: comma - 1, end: comma, text: '' }];
}

/** Past the comma that follows, if one does. */
function commaAfter(text: string, at: number): number | undefined {
  const next = afterBlank(text, at);
  return text[next] === ',' ? next + 1 : undefined;
}

/** Cuts a piece out, with its whole line where nothing else stands on that, else with the blanks behind it. */
function alone(text: string, start: number, end: number): Edit {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const lineEnd = /[ \t]*\r?\n/y;
  lineEnd.lastIndex = end;
  if (text.slice(lineStart, start).trim() === '' && lineEnd.test(text)) return { start: lineStart, end: lineEnd.lastIndex, text: '' };
  const blanks = /[ \t]*/y;
  blanks.lastIndex = end;
  blanks.test(text);
  return { start, end: blanks.lastIndex, text: '' };
}
