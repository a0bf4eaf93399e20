import type { Socket } from 'node:net';

/**
 * TCP asks the other end after so many ms of silence, then each second, and gives up after ten times (what Node sets). While a transfer runs,
 * the silent control connection tells so of a dead link, which the data connection would notice late or, full of what is to be sent, never.
 */
const busyKeepAlive = 1000;
export const idleKeepAlive = 30_000;

/** Asks often until `transfer` settles. */
export function watchLink(socket: Socket, transfer: Promise<unknown>): void {
  socket.setKeepAlive(true, busyKeepAlive);
  const relax = () => void socket.setKeepAlive(true, idleKeepAlive);
  transfer.then(relax, relax);
}
