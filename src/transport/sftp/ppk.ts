import { argon2dAsync, argon2iAsync, argon2idAsync } from '@noble/hashes/argon2.js';
import { createDecipheriv, createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { ParsedKey } from 'ssh2';
import { assembleKey } from './opensshKey.ts';
import { keyType } from './knownHosts.ts';
import { sshString, WireReader } from './wire.ts';

/** A private key file of PuTTY, version 2 or 3 (PuTTY's manual, appendix C), taken apart. */
export interface PuttyKey {
  readonly version: 2 | 3;
  readonly encryption: string;
  readonly comment: string;
  readonly publicBlob: Buffer;
  /** As in the file: encrypted unless `encryption` is `none`. */
  readonly privateBlob: Buffer;
  readonly mac: Buffer;
  readonly derivation: {
    readonly flavour: string;
    readonly memory: number;
    readonly passes: number;
    readonly lanes: number;
    readonly salt: Buffer;
  };
}

/** `text` is the file's bytes as Latin-1. Undefined for what is not a well-formed file of this format. */
export function parsePuttyKey(text: string): PuttyKey | undefined {
  const headers = new Map<string, string>();
  const blobs = new Map<string, Buffer>();
  const lines = text.split(/\r\n|\r|\n/);
  for (let index = 0; index < lines.length; index++) {
    const [, name, value] = /^([\w-]+): ?(.*)$/.exec(lines[index] ?? '') ?? [];
    if (name === undefined || value === undefined) continue;
    headers.set(name, value);
    if (!name.endsWith('-Lines')) continue;
    const count = Number(value);
    blobs.set(name, Buffer.from(lines.slice(index + 1, index + 1 + count).join(''), 'base64'));
    index += count;
  }
  const version = headers.has('PuTTY-User-Key-File-3') ? 3 : headers.has('PuTTY-User-Key-File-2') ? 2 : undefined;
  const [publicBlob, privateBlob] = [blobs.get('Public-Lines'), blobs.get('Private-Lines')];
  if (version === undefined || publicBlob === undefined || privateBlob === undefined) return undefined;
  if (keyType(publicBlob) !== headers.get(`PuTTY-User-Key-File-${version}`)) return undefined;
  const number = (name: string): number => Number(headers.get(name) ?? 0);
  return {
    ...{ version, publicBlob, privateBlob },
    encryption: headers.get('Encryption') ?? '',
    comment: headers.get('Comment') ?? '',
    mac: Buffer.from(headers.get('Private-MAC') ?? '', 'hex'),
    derivation: {
      flavour: headers.get('Key-Derivation') ?? '',
      memory: number('Argon2-Memory'),
      passes: number('Argon2-Passes'),
      lanes: number('Argon2-Parallelism'),
      salt: Buffer.from(headers.get('Argon2-Salt') ?? '', 'hex'),
    },
  };
}

/** The private key; undefined where the passphrase is not the right one or the file was changed (the MAC tells no difference). */
export async function openPuttyKey(key: PuttyKey, passphrase: string): Promise<ParsedKey | Error | undefined> {
  const encrypted = key.encryption !== 'none';
  if (encrypted && (key.encryption !== 'aes256-cbc' || key.privateBlob.length % 16 !== 0)) return new Error('unsupported encryption');
  const keys = key.version === 3 ? await deriveKeys3(key, encrypted ? passphrase : undefined) : deriveKeys2(encrypted ? passphrase : '');
  const plain = encrypted ? decrypt(key.privateBlob, keys) : key.privateBlob;
  const type = keyType(key.publicBlob) ?? '';
  const comment = Buffer.from(key.comment, 'latin1');
  const signed = [type, key.encryption, comment, key.publicBlob, plain].map(sshString);
  const mac = createHmac(key.version === 3 ? 'sha256' : 'sha1', keys.mac)
    .update(Buffer.concat(signed))
    .digest();
  if (mac.length !== key.mac.length || !timingSafeEqual(mac, key.mac)) return undefined;
  try {
    return assembleKey(key.publicBlob, privateFields(type, key.publicBlob, plain));
  } catch {
    return new Error('malformed');
  }
}

interface DerivedKeys {
  readonly cipher: Buffer;
  readonly iv: Buffer;
  readonly mac: Buffer;
}

function decrypt(blob: Buffer, { cipher, iv }: DerivedKeys): Buffer {
  const decipher = createDecipheriv('aes-256-cbc', cipher, iv).setAutoPadding(false);
  return Buffer.concat([decipher.update(blob), decipher.final()]);
}

function deriveKeys2(passphrase: string): DerivedKeys {
  const sha1 = (...parts: (string | Buffer)[]): Buffer => parts.reduce((hash, part) => hash.update(part), createHash('sha1')).digest();
  const cipher = Buffer.concat([0, 1].map((count) => sha1(Buffer.from([0, 0, 0, count]), passphrase))).subarray(0, 32);
  return { cipher, iv: Buffer.alloc(16), mac: sha1('putty-private-key-file-mac-key', passphrase) };
}

async function deriveKeys3({ derivation }: PuttyKey, passphrase: string | undefined): Promise<DerivedKeys> {
  if (passphrase === undefined) return { cipher: Buffer.alloc(0), iv: Buffer.alloc(0), mac: Buffer.alloc(0) };
  const { flavour, memory, passes, lanes, salt } = derivation;
  const argon2 = { Argon2id: argon2idAsync, Argon2i: argon2iAsync, Argon2d: argon2dAsync }[flavour];
  if (argon2 === undefined) throw new RangeError('unsupported key derivation');
  const derived = Buffer.from(await argon2(Buffer.from(passphrase), salt, { m: memory, t: passes, p: lanes, dkLen: 80 }));
  return { cipher: derived.subarray(0, 32), iv: derived.subarray(32, 48), mac: derived.subarray(48, 80) };
}

/** PuTTY's private fields in OpenSSH's order. */
function privateFields(type: string, publicBlob: Buffer, plain: Buffer): Buffer[] {
  const open = new WireReader(publicBlob);
  const secret = new WireReader(plain);
  open.string();
  if (type === 'ssh-rsa') {
    const [e, n] = [open.string(), open.string()];
    const [d, p, q, iqmp] = [secret.string(), secret.string(), secret.string(), secret.string()];
    return [n, e, d, iqmp, p, q].map(sshString);
  }
  if (type === 'ssh-ed25519') {
    const point = open.string();
    const seed = Buffer.alloc(32);
    /* A little-endian integer: PuTTY leaves out zero bytes at its end. */
    secret.string().copy(seed);
    return [sshString(point), sshString(Buffer.concat([seed, point]))];
  }
  if (type.startsWith('ecdsa-sha2-')) return [open.string(), open.string(), secret.string()].map(sshString);
  throw new RangeError('unsupported key type');
}
