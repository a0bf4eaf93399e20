import { connect, type OnReadOpts, type Socket, type TcpNetConnectOpts } from 'node:net';

const leastSlab = 64 * 1024;
const mostSlab = 1024 * 1024;
/** What came is copied out of the slab up to here, so that whoever keeps a little of it does not keep the slab. */
const little = 16 * 1024;

/**
 * Connects a socket for much content: it reads in the large pieces that the system has, where Node reads 64 KB at a time into memory that
 * it gets for each. A piece is the reader's own, as ever.
 */
export function connectInSlabs(options: TcpNetConnectOpts): Socket {
  const socket: Socket = connect({ ...options, onread: slabReads((piece) => socket.push(piece)) });
  return socket;
}

function slabReads(push: (piece: Buffer) => boolean): OnReadOpts {
  let size = leastSlab;
  let slab = Buffer.allocUnsafeSlow(size);
  let used = 0;
  return {
    buffer: () => {
      if (slab.length - used < leastSlab / 2) {
        size = Math.min(mostSlab, 2 * size);
        slab = Buffer.allocUnsafeSlow(size);
        used = 0;
      }
      return slab.subarray(used);
    },
    callback: (length) => {
      const piece = slab.subarray(used, used + length);
      if (length <= little) return push(Buffer.from(piece));
      used += length;
      return push(piece);
    },
  };
}
