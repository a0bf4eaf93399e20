import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import type { Content } from '../core/remote.ts';

/** From the strongest to the weakest. */
export const sumAlgorithms = ['sha256', 'sha512', 'sha1', 'md5', 'crc32'] as const;
export type SumAlgorithm = (typeof sumAlgorithms)[number];

/** A content on its way, and its checksum. */
export interface Summed {
  /** To be sent in place of the content that was given. */
  readonly content: Content;
  /** Bytes of the whole; of a stream as far as it has been taken. */
  bytes(): number;
  /** Of the whole, lower-case hex; to be called once, when all was sent. */
  sum(): Promise<string>;
}

/** `skipped`: so many first bytes count, and are not sent. */
export function summed(content: Content, algorithm: SumAlgorithm, skipped = 0): Summed {
  const running = algorithm === 'crc32' ? runningCrc() : runningHash(algorithm);
  if (content instanceof Uint8Array) {
    const sum = async () => {
      await addInTurns(content, running.add);
      return running.end();
    };
    return { content: content.subarray(skipped), bytes: () => content.length, sum };
  }
  let bytes = 0;
  async function* passing(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of source) {
      running.add(chunk);
      const begin = Math.min(chunk.length, Math.max(0, skipped - bytes));
      bytes += chunk.length;
      if (begin < chunk.length) yield chunk.subarray(begin);
    }
  }
  return { content: passing(content), bytes: () => bytes, sum: () => Promise.resolve(running.end()) };
}

interface RunningSum {
  readonly add: (bytes: Uint8Array) => void;
  readonly end: () => string;
}

function runningHash(algorithm: Exclude<SumAlgorithm, 'crc32'>): RunningSum {
  const hash = createHash(algorithm);
  return { add: (bytes) => void hash.update(bytes), end: () => hash.digest('hex') };
}

function runningCrc(): RunningSum {
  let value = 0;
  return { add: (bytes) => void (value = crc32(bytes, value)), end: () => value.toString(16).padStart(8, '0') };
}

/** So much is added at once: some ms. */
const turn = 4 * 1024 * 1024;

async function addInTurns(bytes: Uint8Array, add: RunningSum['add']): Promise<void> {
  for (let at = 0; at < bytes.length; at += turn) {
    if (at > 0) await nextTurn();
    add(bytes.subarray(at, at + turn));
  }
}

/** Hexadecimal digits of a checksum. */
export function sumLength(algorithm: SumAlgorithm): number {
  return { sha256: 64, sha512: 128, sha1: 40, md5: 32, crc32: 8 }[algorithm];
}

/** How long, in ms, a server may take over the checksum of so many bytes: its disk may give 10 MB a second. */
export function sumPatience(bytes: number): number {
  return 15_000 + bytes / 10_000;
}
