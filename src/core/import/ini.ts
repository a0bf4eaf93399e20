/** A section of an INI file or a key of a registry file: its name and what is in it. */
export interface Section {
  readonly name: string;
  readonly values: ReadonlyMap<string, string>;
}

interface OpenSection extends Section {
  readonly values: Map<string, string>;
}

/** Sections in the order of the file; what comes before the first has the name ''. Anything else than `[name]` and `key=value` is passed over. */
export function parseIni(text: string): readonly Section[] {
  let section: OpenSection = { name: '', values: new Map() };
  const sections: OpenSection[] = [section];
  for (const line of text.split(/\r\n?|\n/)) {
    const trimmed = line.trim();
    if (trimmed.startsWith('[') && trimmed.endsWith(']')) {
      section = { name: trimmed.slice(1, -1), values: new Map() };
      sections.push(section);
      continue;
    }
    const equals = trimmed.indexOf('=');
    if (equals > 0 && !/^[;#]/.test(trimmed)) section.values.set(trimmed.slice(0, equals).trim(), trimmed.slice(equals + 1));
  }
  return sections;
}

/** The keys of a file that Windows' registry editor exported; numbers in decimals. Binary values are passed over. */
export function parseRegistry(text: string): readonly Section[] {
  return parseIni(text).map(({ name, values }) => {
    const read = [...values].flatMap(([key, value]): [string, string][] => {
      const plain = registryValue(value.trim());
      return plain === undefined || !/^".*"$/.test(key) ? [] : [[unquoted(key), plain]];
    });
    return { name, values: new Map(read) };
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
