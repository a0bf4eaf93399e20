import { createDecipheriv, type DecipherGCM } from 'node:crypto';
import type { ParsedKey } from 'ssh2';
import { deriveByBcrypt } from './bcryptDerivation.ts';
import { containKey, type OpensshContainer } from './opensshKey.ts';
import { WireReader } from './wire.ts';

/** OpenSSH's names of ciphers for private keys: the runtime's name, and bytes of key, initialisation vector and tag. */
const ciphers: Readonly<Record<string, readonly [name: string, key: number, iv: number, tag: number]>> = {
  'aes128-ctr': ['aes-128-ctr', 16, 16, 0],
  'aes192-ctr': ['aes-192-ctr', 24, 16, 0],
  'aes256-ctr': ['aes-256-ctr', 32, 16, 0],
  'aes128-cbc': ['aes-128-cbc', 16, 16, 0],
  'aes192-cbc': ['aes-192-cbc', 24, 16, 0],
  'aes256-cbc': ['aes-256-cbc', 32, 16, 0],
  '3des-cbc': ['des-ede3-cbc', 24, 8, 0],
  'aes128-gcm@openssh.com': ['aes-128-gcm', 16, 12, 16],
  'aes256-gcm@openssh.com': ['aes-256-gcm', 32, 12, 16],
};

/** Beyond it a passphrase takes minutes to try; `ssh-keygen -a` has 16 where nothing is said. */
const mostRounds = 10_000;

export function canUnlock({ cipher, derivation }: OpensshContainer): boolean {
  return Object.hasOwn(ciphers, cipher) && derivation === 'bcrypt';
}

/** The key in a container of OpenSSH's format (PROTOCOL.key) that `canUnlock`; undefined where the passphrase is not the right one. */
export async function unlockKey(container: OpensshContainer, passphrase: string): Promise<ParsedKey | Error | undefined> {
  const { cipher, derivationOptions, publicBlob, privateBlob, tag } = container;
  const [name = '', keyLength = 0, ivLength = 0, tagLength = 0] = ciphers[cipher] ?? [];
  const options = new WireReader(derivationOptions);
  const salt = options.string();
  const rounds = options.uint32();
  if (rounds < 1 || rounds > mostRounds || salt.length === 0) return new Error('unusable derivation');
  if (passphrase === '') return undefined;
  const derived = await deriveByBcrypt(Buffer.from(passphrase), salt, rounds, keyLength + ivLength);
  try {
    const decipher = createDecipheriv(name, derived.subarray(0, keyLength), derived.subarray(keyLength));
    decipher.setAutoPadding(false);
    if (tagLength > 0) (decipher as DecipherGCM).setAuthTag(tag.subarray(0, tagLength));
    const secret = Buffer.concat([decipher.update(privateBlob), decipher.final()]);
    /* Two equal numbers tell that it was the right key. */
    return secret.length >= 8 && secret.readUInt32BE(0) === secret.readUInt32BE(4) ? containKey(publicBlob, secret) : undefined;
  } catch {
    return undefined;
  }
}
