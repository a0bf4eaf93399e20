import type { Socket } from 'node:net';

const nothing = new Uint8Array(0);

/**
 * Ends what we send over `socket`, with TLS by a close_notify (RFC 8446 §6.1) before the end of TCP; calls `ended` when both went out or can't
 * any more. While TLS is still writing, as it is for a moment after the handshake, Node's own `end` has them the wrong way round: servers take that
 * for a cut and refuse what they got. A write of nothing is done when TLS is.
 */
export function endOrderly(socket: Socket, ended?: () => void): void {
  socket.write(nothing, () => socket.end(ended));
}
