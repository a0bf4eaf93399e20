import { randomBytes } from 'node:crypto';
import type { GroupKeys, KeyExchange, Ssh2Protocol } from './ssh2Protocol.ts';

/** RFC 8270 §2 and RFC 4419 §3: what was asked for, so that the server must keep to it. */
const fewestBits = 2048;
const mostBits = 8192;
/** Twice the strength of every cipher that is offered (RFC 4419 §6.2 allows short exponents in groups of safe primes). */
const exponentBytes = 64;

/**
 * Makes the keys of a group exchange (RFC 4419) for `ssh2`. It would have the runtime do it, which first looks whether the server's number
 * is a safe prime: over one of 8192 bits everything stands still for a minute, and the server, still unproven, chooses the number.
 */
export function takeOverGroupExchange(protocol: Ssh2Protocol): void {
  let exchange = protocol._kex;
  Object.defineProperty(protocol, '_kex', {
    get: () => exchange,
    set(made: KeyExchange | undefined) {
      exchange = made;
      if (made?.type === 'groupex') made.generateKeys = () => generateOnce(made);
    },
  });
}

function generateOnce(exchange: KeyExchange): void {
  if (exchange._dh || !exchange._prime || !exchange._generator) return;
  const keys = new ModularKeys(exchange._prime, exchange._generator);
  exchange._dh = keys;
  exchange._public = keys.publicKey;
}

/** Diffie-Hellman in the group of a prime, with a key that is used once. */
class ModularKeys implements GroupKeys {
  readonly publicKey: Buffer;
  readonly #prime: bigint;
  readonly #generator: bigint;
  readonly #secret = number(randomBytes(exponentBytes));

  constructor(prime: Buffer, generator: Buffer) {
    this.#prime = number(prime);
    this.#generator = number(generator);
    const bits = this.#prime.toString(2).length;
    if (bits < fewestBits || bits > mostBits || this.#prime % 2n === 0n) throw new Error(`Handshake failed: a group of ${bits} bits`);
    this.publicKey = bytes(this.#power(this.#generator));
  }

  getPrime(): Buffer {
    return bytes(this.#prime);
  }

  getGenerator(): Buffer {
    return bytes(this.#generator);
  }

  computeSecret(other: Buffer): Buffer {
    return bytes(this.#power(number(other)));
  }

  /** Refuses what would make the secret a known one (RFC 4253 §8). */
  #power(base: bigint): bigint {
    if (base <= 1n || base >= this.#prime - 1n) throw new Error('Handshake failed: a value outside of the group');
    let power = 1n;
    for (const bit of this.#secret.toString(2)) {
      power = (power * power) % this.#prime;
      if (bit === '1') power = (power * base) % this.#prime;
    }
    return power;
  }
}

function number(value: Buffer): bigint {
  return BigInt(`0x0${value.toString('hex')}`);
}

function bytes(value: bigint): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
}
