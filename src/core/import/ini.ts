import type { SecretPlace, TextCut } from './imported.ts';

/** A section of an INI file or a key of a registry file: its name and what is in it. */
export interface Section {
  readonly name: string;
  readonly values: ReadonlyMap<string, string>;
  /** The lines that a key stands on; none of a registry file. */
  readonly lines: ReadonlyMap<string, readonly TextCut[]>;
}

interface OpenSection extends Section {
  readonly values: Map<string, string>;
  readonly lines: Map<string, TextCut[]>;
}

/** Sections in the order of the file; what comes before the first has the name ''. Anything else than `[name]` and `key=value` is passed over. */
export function parseIni(text: string): readonly Section[] {
  let section = openSection('');
  const sections: OpenSection[] = [section];
  for (const { 0: line, index } of text.matchAll(/[^\r\n]+(?:\r\n?|\n)?/g)) {
    const trimmed = line.trim();
    if (trimmed.startsWith('[') && trimmed.endsWith(']')) {
      section = openSection(trimmed.slice(1, -1));
      sections.push(section);
      continue;
    }
    const equals = trimmed.indexOf('=');
    if (equals <= 0 || /^[;#]/.test(trimmed)) continue;
    const key = trimmed.slice(0, equals).trim();
    section.values.set(key, trimmed.slice(equals + 1));
    const lines = section.lines.get(key) ?? [];
    lines.push({ at: index, was: line, becomes: '' });
    section.lines.set(key, lines);
  }
  return sections;
}

function openSection(name: string): OpenSection {
  return { name, values: new Map(), lines: new Map() };
}

/** Where a key stands, so that it can go. */
export function placeIn({ lines }: Section, key: string): SecretPlace | undefined {
  const cuts = lines.get(key);
  return cuts && { cuts };
}

/** The keys of a file that Windows' registry editor exported; numbers in decimals. Binary values are passed over. */
export function parseRegistry(text: string): readonly Section[] {
  return parseIni(text).map(({ name, values }) => {
    const read = [...values].flatMap(([key, value]): [string, string][] => {
      const plain = registryValue(value.trim());
      return plain === undefined || !/^".*"$/.test(key) ? [] : [[unquoted(key), plain]];
    });
    return { name, values: new Map(read), lines: new Map() };
  });
}

function registryValue(value: string): string | undefined {
  const number = /^dword:([0-9a-f]{1,8})$/i.exec(value);
  if (number !== null) return String(Number.parseInt(number[1] ?? '', 16));
  return /^".*"$/.test(value) ? unquoted(value) : undefined;
}

function unquoted(text: string): string {
  return text.slice(1, -1).replace(/\\(["\\])/g, '$1');
}

/** `%XX` as PuTTY and WinSCP write names and values: bytes of UTF-8 where they are that, else of Windows' Western characters. */
export function percentDecoded(text: string): string {
  if (!text.includes('%')) return text;
  const bytes: number[] = [];
  const plain = new TextEncoder();
  for (const [part] of text.matchAll(/%[0-9a-f]{2}|[^%]+|%/gi)) {
    if (/^%[0-9a-f]{2}$/i.test(part)) bytes.push(Number.parseInt(part.slice(1), 16));
    else for (const byte of plain.encode(part)) bytes.push(byte);
  }
  const all = Uint8Array.from(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(all);
  } catch {
    return new TextDecoder('windows-1252').decode(all);
  }
}
