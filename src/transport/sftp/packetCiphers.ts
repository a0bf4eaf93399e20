import { createSecretKey } from 'node:crypto';
import type { Writable } from 'node:stream';
import type { PacketCipher, Ssh2Protocol } from './ssh2Protocol.ts';

const keys = ['_encKey', '_decipherKey', '_macKey'] as const;

/** Makes the most of `ssh2`'s ciphers: they begin anew with every packet of 32 KB, and write each in three parts. */
export function tuneCiphers(protocol: Ssh2Protocol, socket: Writable): void {
  keepKeys(protocol, '_cipher');
  keepKeys(protocol, '_decipher');
  gatherWrites(protocol, socket);
}

/** Node takes ten times as long to begin with a key that it is given as bytes. Each key exchange makes new ciphers. */
function keepKeys(protocol: Ssh2Protocol, direction: '_cipher' | '_decipher'): void {
  let current = protocol[direction];
  Object.defineProperty(protocol, direction, {
    get: () => current,
    set: (cipher: PacketCipher | undefined) => {
      current = cipher;
      if (cipher === undefined) return;
      for (const name of keys) {
        const key = cipher[name];
        if (key instanceof Uint8Array) cipher[name] = createSecretKey(key);
      }
    },
  });
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
    write(data);
  };
}
