import { RemoteError } from './errors.ts';
import { t } from './l10n.ts';

/**
 * Names on a server as strings, and back to the very same bytes.
 *
 * A byte b that has no meaning in the charset becomes the private character U+EF00+b (as the MirBSD OPTU encodings do). Where such a
 * character really is in a name, each byte of its encoding is mapped instead, so that no two byte sequences share a string.
 */
export interface Charset {
  /** Total: every byte sequence has a string, without lone surrogates, and `encode` gives the same bytes back. */
  decode(bytes: Uint8Array): string;
  /** Throws `BadPath` for a character that the charset lacks, and for a string that `decode` would never give for the bytes. */
  encode(text: string): Uint8Array<ArrayBuffer>;
}

const charsets = new Map<string, Charset>();

/** The charset of a WHATWG label (`utf-8`, `latin1`, `shift_jis` …). Throws `Unsupported` for an unknown one and for those without ASCII in them. */
export function charsetOf(label: string): Charset {
  const name = canonicalName(label);
  let charset = charsets.get(name);
  if (charset === undefined) {
    charset = name === 'utf-8' ? utf8 : tableCharset(name);
    charsets.set(name, charset);
  }
  return charset;
}

function canonicalName(label: string): string {
  let name: string | undefined;
  try {
    name = new TextDecoder(label).encoding;
  } catch {
    name = undefined;
  }
  if (name === undefined || /^utf-16|^iso-2022|^replacement$/.test(name)) {
    throw new RemoteError('Unsupported', t('The charset "{0}" can’t be used for names on a server.', label), {
      hint: t('Set "charset" of the host to another one, for example utf-8, windows-1252 or shift_jis.'),
    });
  }
  return name;
}

const placeholder = 0xef00;
const hasPlaceholder = /[\uef80-\uefff]/;

function isPlaceholder(code: number): boolean {
  return code >= 0xef80 && code <= 0xefff;
}

function refuse(character: string, charset: string): never {
  throw new RemoteError(
    'BadPath',
    t('The character {0} can’t be written in the server’s charset {1}.', JSON.stringify(character), charset),
  );
}

/** A string of placeholders could spell bytes that have a meaning; such a string is no name of anything. */
function checkedAlias(text: string, bytes: Uint8Array<ArrayBuffer>, charset: Charset, name: string): Uint8Array<ArrayBuffer> {
  if (hasPlaceholder.test(text) && charset.decode(bytes) !== text) refuse(hasPlaceholder.exec(text)?.[0] ?? '', name);
  return bytes;
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const utf8Encoder = new TextEncoder();

const utf8: Charset = {
  decode(bytes) {
    // Looked at first: an exception for each such name makes large listings slow.
    if (!isWellFormed(bytes)) return decodeBroken(bytes);
    const text = strictUtf8.decode(bytes);
    return hasPlaceholder.test(text) ? decodeBroken(bytes) : text;
  },
  encode(text) {
    const lone = /\p{Surrogate}/u.exec(text);
    if (lone) refuse(lone[0], 'utf-8');
    if (!hasPlaceholder.test(text)) return utf8Encoder.encode(text);
    const bytes: number[] = [];
    for (const character of text) {
      const code = character.codePointAt(0) ?? 0;
      if (isPlaceholder(code)) bytes.push(code - placeholder);
      else bytes.push(...utf8Encoder.encode(character));
    }
    return checkedAlias(text, Uint8Array.from(bytes), utf8, 'utf-8');
  },
};

function isWellFormed(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at);
    if (length === 0) return false;
    at += length;
  }
  return true;
}

function decodeBroken(bytes: Uint8Array): string {
  let text = '';
  let start = 0;
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at);
    // U+EF80 to U+EFFF.
    const isAlias = bytes[at] === 0xee && (bytes[at + 1] ?? 0) >= 0xbe;
    const end = at + Math.max(length, 1);
    if (length === 0 || isAlias) {
      text += strictUtf8.decode(bytes.subarray(start, at));
      for (let i = at; i < end; i++) text += String.fromCharCode(placeholder + (bytes[i] ?? 0));
      start = end;
    }
    at = end;
  }
  return text + strictUtf8.decode(bytes.subarray(start));
}

/** Bytes of the well-formed UTF-8 sequence at `at` (Unicode, table 3-7); 0 where there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return 1;
  const second = bytes[at + 1] ?? 0;
  const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (lead < 0xc2 || lead > 0xf4 || second < low || second > high) return 0;
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  for (let i = 2; i < length; i++) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0;
  return length;
}

/** TextDecoder knows every charset but only one way: its inverse is made by decoding all that can be a character, once. */
function tableCharset(name: string): Charset {
  const { byBytes, byCharacter } = tables(name);
  const charset: Charset = {
    decode(bytes) {
      let text = '';
      for (let at = 0; at < bytes.length;) {
        let packed = 0;
        let found: string | undefined;
        let length = 0;
        while (found === undefined && length < 4 && at + length < bytes.length) {
          packed = packed * 256 + (bytes[at + length++] ?? 0);
          found = byBytes.get(packed) ?? (length === 4 && name === 'gb18030' ? supplementary(packed) : undefined);
        }
        text += found ?? String.fromCharCode(placeholder + (bytes[at] ?? 0));
        at += found === undefined ? 1 : length;
      }
      return text;
    },
    encode(text) {
      const bytes: number[] = [];
      for (const character of text) {
        const code = character.codePointAt(0) ?? 0;
        const packed = isPlaceholder(code)
          ? code - placeholder
          : (byCharacter.get(character) ?? (name === 'gb18030' ? fourBytes(code) : undefined));
        if (packed === undefined) refuse(character, name);
        for (let size = byteLength(packed) - 1; size >= 0; size--) bytes.push(Math.floor(packed / 256 ** size) % 256);
      }
      return checkedAlias(text, Uint8Array.from(bytes), charset, name);
    },
  };
  return charset;
}

function byteLength(packed: number): number {
  return packed < 0x100 ? 1 : packed < 0x10000 ? 2 : packed < 0x1000000 ? 3 : 4;
}

interface Tables {
  readonly byBytes: ReadonlyMap<number, string>;
  readonly byCharacter: ReadonlyMap<string, number>;
}

function tables(name: string): Tables {
  const decoder = new TextDecoder(name, { fatal: true, ignoreBOM: true });
  const byBytes = new Map<number, string>();
  const byCharacter = new Map<string, number>();
  for (let byte = 0; byte < 0x80; byte++) {
    byBytes.set(byte, String.fromCharCode(byte));
    byCharacter.set(String.fromCharCode(byte), byte);
  }
  for (const sequence of candidates(name)) {
    const packed = sequence.reduce((value, byte) => value * 256 + byte, 0);
    const character = decodedCharacter(decoder, Uint8Array.from(sequence));
    // A character with two encodings keeps the first; the other's bytes stay bytes, or they would not come back.
    if (character === undefined || byCharacter.has(character) || isPlaceholder(character.charCodeAt(0))) continue;
    byBytes.set(packed, character);
    byCharacter.set(character, packed);
  }
  return { byBytes, byCharacter };
}

function decodedCharacter(decoder: InstanceType<typeof TextDecoder>, bytes: Uint8Array): string | undefined {
  try {
    const text = decoder.decode(bytes);
    return Array.from(text).length === 1 && !text.includes('\ufffd') ? text : undefined;
  } catch {
    return undefined;
  }
}

function* candidates(name: string): Generator<number[]> {
  for (let byte = 0x80; byte < 0x100; byte++) yield [byte];
  if (!/^(big5|euc-|gb|shift_jis)/.test(name)) return;
  for (let lead = 0x80; lead < 0x100; lead++) for (let trail = 0x40; trail < 0x100; trail++) yield [lead, trail];
  if (name === 'euc-jp') for (let a = 0xa1; a < 0xff; a++) for (let b = 0xa1; b < 0xff; b++) yield [0x8f, a, b];
  if (name === 'gb18030') for (let pointer = 0; pointer < 39420; pointer++) yield fourByteSequence(pointer);
}

/** GB 18030 counts its four-byte sequences; from pointer 189000 on they are the characters beyond U+FFFF in order. */
function fourByteSequence(pointer: number): number[] {
  return [
    0x81 + Math.floor(pointer / 12600),
    0x30 + (Math.floor(pointer / 1260) % 10),
    0x81 + (Math.floor(pointer / 10) % 126),
    0x30 + (pointer % 10),
  ];
}

function fourBytes(code: number): number | undefined {
  if (code < 0x10000) return undefined;
  return fourByteSequence(code - 0x10000 + 189000).reduce((value, byte) => value * 256 + byte, 0);
}

function supplementary(packed: number): string | undefined {
  const [a = 0, b = 0, c = 0, d = 0] = [packed / 0x1000000, packed / 0x10000, packed / 0x100, packed].map((part) => Math.floor(part) % 256);
  if (b < 0x30 || b > 0x39 || c < 0x81 || c > 0xfe || d < 0x30 || d > 0x39) return undefined;
  const code = (a - 0x81) * 12600 + (b - 0x30) * 1260 + (c - 0x81) * 10 + (d - 0x30) - 189000 + 0x10000;
  return code >= 0x10000 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}
