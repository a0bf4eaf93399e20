import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import { lendOwn } from './spareMemory.ts';
import { protocolOf } from './ssh2Protocol.ts';

/**
 * Bytes that the server may send before it hears that we took them (RFC 4254 §5.2). `ssh2` allows 2 MB, of which it gives back what was
 * taken once half of it is used up: over a line of 50 ms that is 20 to 40 MB/s, however fast it is.
 */
const window = 8 * 1024 * 1024;

/** What `ssh2` keeps private of a channel, as of 1.17.0. */
interface Ssh2Channel {
  readonly incoming: { window: number };
  readonly outgoing: { readonly id: number };
  push(chunk: unknown): boolean;
}

/** Nothing more is allowed while nobody takes what has come. */
export function widenWindow(client: Client, channel: Duplex): void {
  const inner = channel as unknown as Ssh2Channel;
  const widen = () => {
    const { incoming, outgoing } = inner;
    if (incoming.window > window / 2) return;
    const more = window - incoming.window;
    incoming.window += more;
    protocolOf(client).channelWindowAdjust(outgoing.id, more);
  };
  const push = inner.push.bind(inner);
  inner.push = (chunk) => {
    if (Buffer.isBuffer(chunk)) lendOwn(chunk);
    const isTaken = push(chunk);
    if (isTaken && chunk !== null) widen();
    return isTaken;
  };
  widen();
}
