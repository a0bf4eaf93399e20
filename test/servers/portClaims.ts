import { createServer } from 'node:net';

/** Of this computer, where no server listens. */
const claimAddress = '127.0.53.1';

/**
 * Takes a port for this process until it ends; false where another one, or this one earlier, has it. Many test processes choose ports at the same
 * time, and between the look at a port and the server that listens there seconds may go by: without it two take the same.
 */
export async function claimPort(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const claim = createServer((socket) => socket.destroy()).unref();
    // Only Linux has all of 127.0.0.0/8 without being asked.
    claim.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EADDRNOTAVAIL'));
    claim.listen(port, claimAddress, () => resolve(true));
  });
}
