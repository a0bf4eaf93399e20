import type { JsonWebKey } from 'node:crypto';
import ssh2, { type ParsedKey } from 'ssh2';
import { keyType } from './knownHosts.ts';
import { sshInteger, sshString, uint32, WireReader } from './wire.ts';

/** The OpenSSH private key format (PROTOCOL.key), the one that every other format is brought into. */

const magic = 'openssh-key-v1\0';
const begin = '-----BEGIN OPENSSH PRIVATE KEY-----';
const end = '-----END OPENSSH PRIVATE KEY-----';

/** A key file in OpenSSH's format, as far as it can be read without its passphrase. */
export interface OpensshContainer {
  /** `none` where it needs no passphrase. */
  readonly cipher: string;
  /** How the passphrase becomes a key: `bcrypt` or `none`. */
  readonly derivation: string;
  readonly derivationOptions: Buffer;
  readonly publicBlob: Buffer;
  /** Encrypted unless `cipher` is `none`. */
  readonly privateBlob: Buffer;
  /** What follows: a cipher that proves what it encrypts has its proof there. */
  readonly tag: Buffer;
}

/** Undefined for what is not a well-formed file of this format. */
export function opensshContainer(text: string): OpensshContainer | undefined {
  const start = text.indexOf(begin);
  const stop = text.indexOf(end);
  if (start < 0 || stop < start) return undefined;
  const bytes = Buffer.from(text.slice(start + begin.length, stop), 'base64');
  if (bytes.toString('latin1', 0, magic.length) !== magic) return undefined;
  try {
    const reader = new WireReader(bytes.subarray(magic.length));
    const cipher = reader.text();
    const derivation = reader.text();
    const derivationOptions = reader.string();
    /* The number of keys; nothing makes files of several. */
    reader.uint32();
    return { cipher, derivation, derivationOptions, publicBlob: reader.string(), privateBlob: reader.string(), tag: reader.rest() };
  } catch {
    return undefined;
  }
}

/** The public half as `ssh2` wants it; undefined for a type that it can't use. */
export function publicKey(blob: Buffer): ParsedKey | undefined {
  const key = ssh2.utils.parseKey(`${keyType(blob) ?? ''} ${blob.toString('base64')}`);
  return key instanceof Error ? undefined : key;
}

/** A private key from its public blob and the private fields in the order of PROTOCOL.key, all without passphrase. */
export function assembleKey(publicBlob: Buffer, fields: readonly Buffer[]): ParsedKey | Error {
  const check = uint32(0);
  const body = Buffer.concat([check, check, sshString(keyType(publicBlob) ?? ''), ...fields, sshString('')]);
  const padding = Buffer.from(Array.from({ length: (8 - (body.length % 8)) % 8 }, (_, index) => index + 1));
  return containKey(publicBlob, Buffer.concat([body, padding]));
}

/** The key of a private part as it is before it is encrypted: two equal numbers, the key, its comment, padding. */
export function containKey(publicBlob: Buffer, secret: Buffer): ParsedKey | Error {
  const whole = Buffer.concat([
    Buffer.from(magic, 'latin1'),
    ...['none', 'none', ''].map(sshString),
    uint32(1),
    sshString(publicBlob),
    sshString(secret),
  ]);
  return ssh2.utils.parseKey(`${begin}\n${whole.toString('base64')}\n${end}`);
}

/** A private key from the form in which `node:crypto` exports any of them. */
export function keyFromJwk(jwk: JsonWebKey): ParsedKey | Error {
  const [n, e, d, p, q, qi, x, y] = [jwk.n, jwk.e, jwk.d, jwk.p, jwk.q, jwk.qi, jwk.x, jwk.y].map((value) =>
    Buffer.from(value ?? '', 'base64url'),
  ) as [Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, Buffer];
  if (jwk.kty === 'RSA') {
    const blob = Buffer.concat([sshString('ssh-rsa'), sshInteger(e), sshInteger(n)]);
    return assembleKey(blob, [n, e, d, qi, p, q].map(sshInteger));
  }
  if (jwk.kty === 'OKP' && jwk.crv === 'Ed25519') {
    return assembleKey(Buffer.concat([sshString('ssh-ed25519'), sshString(x)]), [sshString(x), sshString(Buffer.concat([d, x]))]);
  }
  const curve = { 'P-256': 'nistp256', 'P-384': 'nistp384', 'P-521': 'nistp521' }[jwk.crv ?? ''];
  if (jwk.kty !== 'EC' || curve === undefined) return new Error('unsupported key type');
  const point = sshString(Buffer.concat([Buffer.from([4]), x, y]));
  const blob = Buffer.concat([sshString(`ecdsa-sha2-${curve}`), sshString(curve), point]);
  return assembleKey(blob, [sshString(curve), point, sshInteger(d)]);
}
