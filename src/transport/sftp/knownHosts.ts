import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { TrustedIdentity } from '../../core/prompts.ts';

/** One line of a `known_hosts` file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT") that has a key. */
interface Line {
  readonly marker: '@cert-authority' | '@revoked' | undefined;
  readonly names: string;
  readonly type: string;
  readonly blob: Buffer;
}

/** One file, parsed. What is not a line of the format is left out, as OpenSSH does. */
export interface KnownHosts {
  readonly file: string;
  readonly lines: readonly Line[];
}

/** What the files say about one address. */
export interface HostRecord {
  /** Keys on record, with the file where each stands; duplicates removed. */
  readonly keys: readonly (TrustedIdentity & { readonly file: string })[];
  /** Fingerprints declared invalid for this address. */
  readonly revoked: readonly (TrustedIdentity & { readonly file: string })[];
  /** A certificate authority is on record for the address; its certificates can't be verified here. */
  readonly certificateAuthority: boolean;
}

export function parseKnownHosts(file: string, text: string): KnownHosts {
  return { file, lines: text.split(/\r?\n/).flatMap((line) => parseLine(line) ?? []) };
}

function parseLine(line: string): Line | undefined {
  const fields = line.trim().split(/[ \t]+/);
  const first = fields[0] ?? '';
  if (first === '' || first.startsWith('#')) return undefined;
  const marker = first.startsWith('@') ? first : undefined;
  if (marker !== undefined && marker !== '@cert-authority' && marker !== '@revoked') return undefined;
  const [names, type, base64] = marker === undefined ? fields : fields.slice(1);
  if (names === undefined || type === undefined || base64 === undefined) return undefined;
  const blob = Buffer.from(base64, 'base64');
  return keyType(blob) === type ? { marker, names, type, blob } : undefined;
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

/**
 * All that the files say about a server. A port other than 22 is looked up as `[address]:port`. The record without a port counts
 * for it only where it holds the very key that is `presented` (as in OpenSSH): it can confirm, never contradict. Without `presented`:
 * every key that could count.
 */
export function lookUp(files: readonly KnownHosts[], address: string, port: number, presented?: Uint8Array): HostRecord {
  const name = address.toLowerCase();
  const exact = collect(files, port === 22 ? name : `[${name}]:${port}`);
  if (port === 22) return exact;
  const plain = collect(files, name);
  const confirmed = presented === undefined ? plain.keys : plain.keys.filter((key) => key.fingerprint === fingerprintOf(presented));
  return {
    keys: exact.keys.length === 0 ? confirmed : exact.keys,
    revoked: [...exact.revoked, ...plain.revoked],
    certificateAuthority: exact.certificateAuthority,
  };
}

function collect(files: readonly KnownHosts[], name: string): HostRecord {
  const record = { keys: [] as HostRecord['keys'][number][], revoked: [] as HostRecord['revoked'][number][], certificateAuthority: false };
  for (const { file, lines } of files) {
    for (const line of lines) {
      if (!matches(line.names, name)) continue;
      if (line.marker === '@cert-authority') {
        record.certificateAuthority = true;
        continue;
      }
      const list = line.marker === '@revoked' ? record.revoked : record.keys;
      const fingerprint = fingerprintOf(line.blob);
      if (!list.some((key) => key.fingerprint === fingerprint)) list.push({ algorithm: line.type, fingerprint, file });
    }
  }
  return record;
}

/** Whether the host field of a line covers `name` (lower case): a hash of it, or a comma list of patterns where `!` excludes. */
export function matches(field: string, name: string): boolean {
  if (field.startsWith('|')) return matchesHash(field, name);
  let found = false;
  for (const pattern of field.toLowerCase().split(',')) {
    if (pattern.startsWith('!')) {
      if (matchesPattern(pattern.slice(1), name)) return false;
    } else if (matchesPattern(pattern, name)) found = true;
  }
  return found;
}

function matchesHash(field: string, name: string): boolean {
  const [, magic, salt = '', hash = ''] = field.split('|');
  if (magic !== '1') return false;
  const expected = Buffer.from(hash, 'base64');
  const actual = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

/** `*` any number of characters, `?` exactly one; linear in time, whatever the pattern. */
function matchesPattern(pattern: string, name: string): boolean {
  let p = 0;
  let n = 0;
  let star = -1;
  let resume = 0;
  while (n < name.length) {
    if (pattern[p] === '*') {
      star = p++;
      resume = n;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === name[n])) {
      p++;
      n++;
    } else if (star >= 0) {
      p = star + 1;
      n = ++resume;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
