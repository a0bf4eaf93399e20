import bcrypt from 'bcrypt-pbkdf';
import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';

const hashLength = 32;

/**
 * bcrypt_pbkdf, OpenBSD's derivation of keys from passphrases that OpenSSH uses. Each round takes some milliseconds, and keys have 16 to
 * some hundreds: others get their turn between them.
 */
export async function deriveByBcrypt(passphrase: Uint8Array, salt: Uint8Array, rounds: number, length: number): Promise<Buffer> {
  const hashed = sha512(passphrase);
  const blocks = Math.ceil(length / hashLength);
  const derived = Buffer.alloc(blocks * hashLength);
  for (let block = 0; block < blocks; block++) {
    const number = Buffer.alloc(4);
    number.writeUInt32BE(block + 1);
    const output = await strengthened(hashed, Buffer.concat([salt, number]), rounds);
    /* The bytes of the blocks take turns in the key. */
    for (const [index, byte] of output.entries()) derived[index * blocks + block] = byte;
  }
  return derived.subarray(0, length);
}

async function strengthened(passphrase: Uint8Array, salt: Uint8Array, rounds: number): Promise<Buffer> {
  const output = Buffer.alloc(hashLength);
  let last: Uint8Array = salt;
  for (let round = 0; round < rounds; round++) {
    const next = new Uint8Array(hashLength);
    bcrypt.hash(passphrase, sha512(last), next);
    for (const [index, byte] of next.entries()) output[index] = (output[index] ?? 0) ^ byte;
    last = next;
    await nextTurn();
  }
  return output;
}

function sha512(bytes: Uint8Array): Buffer {
  return createHash('sha512').update(bytes).digest();
}
