import { createSecretKey, randomFillSync } from 'node:crypto';
import type { Writable } from 'node:stream';
import { free } from './spareMemory.ts';
import type { PacketCipher, Ssh2Protocol } from './ssh2Protocol.ts';

const keys = ['_encKey', '_decipherKey', '_macKey'] as const;

/** Bytes from which on a packet can only be content of a channel, which is encrypted in the turn in which memory for it was asked for. */
const largePayload = 16 * 1024;
const randomAtOnce = 4096;
/** Above this what is written is memory of its own. */
const smallPart = 64;

/**
 * Makes the most of `ssh2`'s ciphers: they begin anew with every packet of 32 KB, take new memory for each, twice, and write each in three
 * parts.
 */
export function tuneCiphers(protocol: Ssh2Protocol, socket: Writable): void {
  onEach(protocol, '_cipher', (cipher) => {
    keepKeys(cipher);
    reuseMemory(cipher);
  });
  onEach(protocol, '_decipher', keepKeys);
  gatherWrites(protocol, socket);
}

/** Each key exchange makes new ciphers. */
function onEach(protocol: Ssh2Protocol, direction: '_cipher' | '_decipher', tune: (cipher: PacketCipher) => void): void {
  let current = protocol[direction];
  Object.defineProperty(protocol, direction, {
    get: () => current,
    set: (cipher: PacketCipher | undefined) => {
      current = cipher;
      if (cipher !== undefined) tune(cipher);
    },
  });
}

/** Node takes ten times as long to begin with a key that it is given as bytes. */
function keepKeys(cipher: PacketCipher): void {
  for (const name of keys) {
    const key = cipher[name];
    if (key instanceof Uint8Array) cipher[name] = createSecretKey(key);
  }
}

/**
 * AES-GCM encrypts into other memory than it was given; all that it writes of the latter are the four bytes of the length, which
 * `gatherWrites` copies. Other ciphers may write what they were given.
 */
function reuseMemory(cipher: PacketCipher): void {
  if (!cipher._encSSLName?.endsWith('-gcm') || !cipher.allocPacket) return;
  const allocate = cipher.allocPacket.bind(cipher);
  const random = randomBytesOf(randomAtOnce);
  let memory = Buffer.alloc(0);
  cipher.allocPacket = (payload) => {
    if (payload < largePayload) return allocate(payload);
    const padding = 16 - ((1 + payload) % 16);
    const padded = padding < 4 ? padding + 16 : padding;
    const length = 4 + 1 + payload + padded;
    if (memory.length < length) memory = Buffer.allocUnsafeSlow(length);
    const packet = memory.subarray(0, length);
    packet.writeUInt32BE(length - 4, 0);
    packet.writeUInt8(padded, 4);
    packet.set(random(padded), length - padded);
    return packet;
  };
}

/** Random bytes, each given once: to ask for a few takes as long as to ask for many. */
function randomBytesOf(size: number): (count: number) => Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(size);
  let used = size;
  return (count) => {
    if (used + count > size) {
      randomFillSync(bytes);
      used = 0;
    }
    used += count;
    return bytes.subarray(used - count, used);
  };
}

/** What is written in one turn goes out in one piece: without Nagle's algorithm each part would be a segment, and a call of the system. */
function gatherWrites(protocol: Ssh2Protocol, socket: Writable): void {
  const write = protocol._onWrite;
  let gathering = false;
  protocol._onWrite = (data) => {
    if (!gathering) {
      gathering = true;
      socket.cork();
      process.nextTick(() => {
        gathering = false;
        socket.uncork();
      });
    }
    if (data.length <= smallPart) write(Buffer.from(data));
    else if (socket.writable)
      socket.write(data, (error) => {
        if (!error && Buffer.isBuffer(data)) free(data);
      });
  };
}
