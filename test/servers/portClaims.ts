import { createSocket } from 'node:dgram';

/** Of this computer. */
const claimAddress = '127.0.53.1';

/**
 * Takes a port for this process until it ends; false where another one, or this one earlier, has it. Many test processes choose ports at the same
 * time, and between the look at a port and the server that listens there seconds may go by: without it two take the same. Claimed is the port of
 * UDP, which no server of the tests has: one that listens at all addresses would find a port of TCP taken.
 */
export async function claimPort(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const claim = createSocket('udp4').unref();
    // Only Linux has all of 127.0.0.0/8 without being asked.
    claim.once('error', (error: NodeJS.ErrnoException) => {
      claim.close();
      resolve(error.code === 'EADDRNOTAVAIL');
    });
    claim.bind({ port, address: claimAddress, exclusive: true }, () => resolve(true));
  });
}
