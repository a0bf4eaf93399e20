import { connect, type OnReadOpts, type Socket, type TcpNetConnectOpts } from 'node:net';

const leastSlab = 64 * 1024;
const mostSlab = 1024 * 1024;
/** What came is copied out of the slab up to here, so that whoever keeps a little of it does not keep the slab. */
const little = 16 * 1024;

/** Memory that is read into again when all pieces of it are given back. */
export interface Lent {
  /** That somebody has. */
  pieces: number;
  /** Called when nobody has any. */
  readonly emptied: () => void;
}

interface Slab extends Lent {
  readonly memory: Buffer;
  used: number;
}

/** By the memory that their pieces are parts of. */
const slabs = new WeakMap<ArrayBufferLike, Lent>();

/** Where the pieces of sockets go, if not into their streams. */
const takers = new WeakMap<Socket, (piece: Buffer) => void>();

/** The largest slab of a connection that has ended, for the next one: to be made anew and again costs more than what is read into it. */
let kept: Buffer | undefined;

/**
 * Connects a socket for much content: it reads in the large pieces that the system has, where Node reads 64 KB at a time into memory that
 * it gets for each. A piece is the reader's own, as ever, until it is given back.
 */
export function connectInSlabs(options: TcpNetConnectOpts): Socket {
  const push = (piece: Buffer): boolean => {
    const take = takers.get(socket);
    if (take === undefined) return socket.push(piece);
    take(piece);
    return true;
  };
  const { onread, end } = slabReads(push);
  const socket: Socket = connect({ ...options, onread });
  return socket.once('close', end);
}

/**
 * What `socket` reads goes to `take` at once, and not through its stream, which does more for each piece than reading it costs; `take` may
 * pause it. Undefined: through the stream again. Of other sockets than those of `connectInSlabs` nothing is changed; and what is in the
 * stream already stays there.
 */
export function divert(socket: Socket, take: ((piece: Buffer) => void) | undefined): void {
  if (take === undefined) takers.delete(socket);
  else takers.set(socket, take);
}

/** From now on `giveBack` counts the pieces of `memory`. */
export function lend(memory: Buffer, lent: Lent): void {
  slabs.set(memory.buffer, lent);
}

/** `memory` belongs to several who know nothing of each other: what any of them gives back counts for nothing. */
export function keep(memory: Buffer): void {
  slabs.delete(memory.buffer);
}

/** `piece`, as it came from a socket, is of no use any more: its memory may be read into again. To be called once for each. */
export function giveBack(piece: Uint8Array): void {
  const slab = slabs.get(piece.buffer);
  if (slab === undefined) return;
  slab.pieces -= 1;
  if (slab.pieces === 0) slab.emptied();
}

interface SlabReads {
  readonly onread: OnReadOpts;
  /** Nothing more is read. */
  readonly end: () => void;
}

function slabReads(push: (piece: Buffer) => boolean): SlabReads {
  let spare: Slab | undefined;
  const make = (size: number): Slab => {
    const memory = size === mostSlab && kept !== undefined ? kept : Buffer.allocUnsafeSlow(size);
    if (memory === kept) kept = undefined;
    const slab: Slab = {
      ...{ memory, used: 0, pieces: 0 },
      emptied() {
        slab.used = 0;
        if (slab !== current) spare = slab;
      },
    };
    lend(memory, slab);
    return slab;
  };
  let current = make(leastSlab);
  /** Where the system was told to read to: that is so long before it reads, and pieces are given back in between. */
  let start = 0;
  /** The last piece was large: there may be more than a small slab holds by the time that the next is read. */
  let isMuch = false;
  const onread: OnReadOpts = {
    buffer() {
      const { length } = current.memory;
      if ((isMuch && length < mostSlab) || length - current.used < leastSlab / 2) {
        const size = isMuch && kept !== undefined ? mostSlab : Math.min(mostSlab, 2 * length);
        current = spare?.memory.length === size ? spare : make(size);
        spare = undefined;
      }
      start = current.used;
      return current.memory.subarray(start);
    },
    callback(length) {
      const piece = current.memory.subarray(start, start + length);
      isMuch = length > leastSlab / 2;
      if (length <= little) return push(Buffer.from(piece));
      current.used = start + length;
      current.pieces += 1;
      return push(piece);
    },
  };
  return {
    onread,
    end() {
      // What somebody still has a piece of is theirs.
      if (current.memory.length === mostSlab && current.pieces === 0 && current.used === 0) kept = current.memory;
    },
  };
}
