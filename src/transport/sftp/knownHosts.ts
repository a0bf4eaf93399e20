import { createHash, createHmac } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { TrustedIdentity } from '../../core/prompts.ts';
import { matchesPattern } from '../../core/sshConfig/patterns.ts';

/** One line of a `known_hosts` file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"), taken apart but for its key. */
interface Line {
  readonly marker: '@cert-authority' | '@revoked' | undefined;
  readonly names: string;
  /** Type, key and comment. */
  readonly rest: string;
}

/** One file, parsed. What is not a line of the format is left out, as OpenSSH does. */
export interface KnownHosts {
  readonly file: string;
  readonly lines: readonly Line[];
}

/** A key on record, with the file where it stands. */
export type RecordedKey = TrustedIdentity & { readonly file: string };

/** What the files say about one address. */
export interface HostRecord {
  /** Keys on record, duplicates removed. */
  readonly keys: readonly RecordedKey[];
  /** Keys under the name without a port, for a port other than 22: each can confirm, none can contradict (as in OpenSSH). */
  readonly confirming: readonly RecordedKey[];
  /** Fingerprints declared invalid for this address. */
  readonly revoked: readonly RecordedKey[];
  /** A certificate authority is on record for the address; its certificates can't be verified here. */
  readonly certificateAuthority: boolean;
}

/** `bytes` are the file's own: names in it have no charset, so each byte becomes one character. */
export function parseKnownHosts(file: string, bytes: Buffer | string): KnownHosts {
  const text = (typeof bytes === 'string' ? Buffer.from(bytes) : bytes).toString('latin1');
  return { file, lines: text.split('\n').flatMap((line) => parseLine(line) ?? []) };
}

/** Blanks are spaces and tabs, and a NUL ends a line: all as OpenSSH reads it. */
function parseLine(line: string): Line | undefined {
  const nul = line.indexOf('\0');
  const text = skipBlanks(nul < 0 ? line : line.slice(0, nul));
  if (text === '' || text.startsWith('#')) return undefined;
  const { marker, after } = splitMarker(text);
  if (after === undefined) return undefined;
  const [names = ''] = after.split(/[ \t]/, 1);
  const rest = skipBlanks(after.slice(names.length));
  return rest === '' || rest.startsWith('#') ? undefined : { marker, names, rest };
}

/** `after` is undefined for a marker that means nothing, or a second one. OpenSSH ends a marker at the line's first space, if it has any. */
function splitMarker(text: string): { readonly marker: Line['marker']; readonly after: string | undefined } {
  if (!text.startsWith('@')) return { marker: undefined, after: text };
  const space = text.indexOf(' ');
  const end = space < 0 ? text.indexOf('\t') : space;
  const marker = text.slice(0, Math.max(end, 0));
  const after = skipBlanks(text.slice(marker.length));
  const known = marker === '@cert-authority' || marker === '@revoked';
  return known && !after.startsWith('@') ? { marker, after } : { marker: undefined, after: undefined };
}

function skipBlanks(text: string): string {
  return text.replace(/^[ \t]+/, '');
}

/** How many strings a public key blob of each type has after its type (RFC 4253 §6.6, RFC 5656 §3.1, RFC 8709 §4, PROTOCOL.u2f). */
const fieldCounts: Readonly<Record<string, number>> = {
  'ssh-ed25519': 1,
  'ssh-rsa': 2,
  'ssh-dss': 4,
  'ecdsa-sha2-nistp256': 2,
  'ecdsa-sha2-nistp384': 2,
  'ecdsa-sha2-nistp521': 2,
  'sk-ssh-ed25519@openssh.com': 2,
  'sk-ecdsa-sha2-nistp256@openssh.com': 3,
};

/** Undefined for what OpenSSH would not take for a key. */
function readKey({ rest }: Line): { readonly algorithm: string; readonly fingerprint: string } | undefined {
  const [algorithm = '', encoded = ''] = rest.split(/[ \t]+/, 2);
  const base64 = encoded.replace(/[\r\v\f]/g, '');
  const blob = Buffer.from(base64, 'base64');
  if (blob.toString('base64') !== base64 || !isKey(algorithm, blob)) return undefined;
  return { algorithm, fingerprint: fingerprintOf(blob) };
}

function isKey(type: string, blob: Buffer): boolean {
  const count = Object.hasOwn(fieldCounts, type) ? fieldCounts[type] : undefined;
  if (count === undefined || keyType(blob) !== type) return false;
  const fields: Buffer[] = [];
  let at = 4 + type.length;
  while (at + 4 <= blob.length) {
    const end = at + 4 + blob.readUInt32BE(at);
    if (end > blob.length) return false;
    fields.push(blob.subarray(at + 4, end));
    at = end;
  }
  if (at !== blob.length || fields.length !== count) return false;
  return !type.includes('ed25519') || fields[0]?.length === 32;
}

/** The key type that a public key blob names itself (RFC 4253 §6.6); undefined for anything else. */
export function keyType(blob: Uint8Array): string | undefined {
  const bytes = Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength);
  if (bytes.length < 4) return undefined;
  const length = bytes.readUInt32BE(0);
  if (length === 0 || length > 64 || bytes.length < 4 + length) return undefined;
  return bytes.toString('latin1', 4, 4 + length);
}

/** As `ssh-keygen -l` prints it. */
export function fingerprintOf(blob: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

/** Milliseconds of work after which others get their turn: a file of thousands of hashed names takes long. */
const slice = 8;

/** All that the files say about a server. A port other than 22 is looked up as `[address]:port`, as OpenSSH does. */
export async function lookUp(files: readonly KnownHosts[], address: string, port: number): Promise<HostRecord> {
  const plain = Buffer.from(address.toLowerCase()).toString('latin1');
  const name = port === 22 ? plain : `[${plain}]:${port}`;
  const [keys, confirming, revoked]: [RecordedKey[], RecordedKey[], RecordedKey[]] = [[], [], []];
  let certificateAuthority = false;
  let until = performance.now() + slice;
  for (const { file, lines } of files) {
    for (const line of lines) {
      if (performance.now() > until) {
        await nextTurn();
        until = performance.now() + slice;
      }
      const exact = matches(line.names, name);
      const key = exact || (port !== 22 && matches(line.names, plain)) ? readKey(line) : undefined;
      if (key === undefined) continue;
      const list = line.marker === '@revoked' ? revoked : exact ? keys : confirming;
      if (line.marker === '@cert-authority') certificateAuthority ||= exact;
      else if (!list.some(({ fingerprint }) => fingerprint === key.fingerprint)) list.push({ ...key, file });
    }
  }
  return { keys, confirming: keys.length === 0 ? confirming : [], revoked, certificateAuthority };
}

/** OpenSSH takes no longer pattern. */
const longestPattern = 1022;

/**
 * Whether the host field of a line covers `name` (lower case, one character a byte): a hash of it, or a comma list of patterns where
 * `!` excludes.
 */
export function matches(field: string, name: string): boolean {
  if (field.startsWith('|')) return matchesHash(field, name);
  let found = false;
  for (const pattern of field.split(',')) {
    const negated = pattern.startsWith('!');
    const text = negated ? pattern.slice(1) : pattern;
    if (text.length > longestPattern) return false;
    if (
      !matchesPattern(
        name,
        text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()),
      )
    )
      continue;
    if (negated) return false;
    found = true;
  }
  return found;
}

/** `|1|salt|hash`, written exactly as OpenSSH writes it. */
function matchesHash(field: string, name: string): boolean {
  const [, magic, salt = '', hash = '', more] = field.split('|');
  const key = Buffer.from(salt, 'base64');
  if (magic !== '1' || more !== undefined || key.length !== 20) return false;
  return createHmac('sha1', key).update(name, 'latin1').digest('base64') === hash && key.toString('base64') === salt;
}
