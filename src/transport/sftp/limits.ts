import type { PacketReader } from './packets.ts';

/** What a server takes, as it tells (`limits@openssh.com`), and what every server takes where it tells nothing. */
export interface Limits {
  /** Bytes that one READ may ask for. */
  readonly read: number;
  /** Bytes that one WRITE may carry. */
  readonly write: number;
  /** Calls at once, each with a file open. */
  readonly calls: number;
}

export const commonLimits: Limits = { read: 32 * 1024, write: 32 * 1024, calls: 64 };
/** Beyond this a flight holds all the work that there is, and its answers make a person wait. */
const mostCalls = 768;
/** OpenSSH tells 261,120: a file of that size is one request. */
const mostLength = 255 * 1024;
/** Smaller pieces would cost more than they carry. */
const leastLength = 1024;

/** The reply to `limits@openssh.com`. */
export function readLimits(reply: PacketReader): Limits {
  const [, read, write, handles] = [reply.uint64(), reply.uint64(), reply.uint64(), reply.uint64()] as const;
  return {
    read: toldLength(read, mostLength),
    write: toldLength(write, mostLength),
    // Some are left for what others do meanwhile.
    calls: handles === 0 ? commonLimits.calls : Math.max(1, Math.min(mostCalls, Math.floor(handles * 0.75))),
  };
}

/** What a server says it takes, trusted within reason; 0 says nothing. */
function toldLength(told: number, most: number): number {
  return told === 0 ? commonLimits.read : Math.min(Math.max(told, leastLength), most);
}
