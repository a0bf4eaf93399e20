import { lend } from '../slabReads.ts';

/** Packets of content as OpenSSH takes and gives them at once, with what stands before it. */
const pieceSize = 256 * 1024;
/** Less is quicker got from Node; and who keeps it shall not keep much more. */
const little = 128 * 1024;
const mostSpare = 4;
/** Node cuts smaller pieces out of common memory. */
const mostShared = 16 * 1024;
/** Bytes of an SSH packet that are not content: its padding and what stands before it. */
const mostAround = 300;

/** Memory for large packets, used again and again: to get it anew for each takes as long as to decrypt what goes into it. */
export class SpareMemory {
  readonly #spare: Buffer[] = [];

  /** What is given back (`giveBack`) may be given out again; what never is, is the taker's own. */
  take(length: number): Buffer {
    if (length < little || length > pieceSize) return Buffer.allocUnsafe(length);
    const memory = this.#spare.pop() ?? Buffer.allocUnsafeSlow(pieceSize);
    const emptied = (): void => {
      if (this.#spare.length < mostSpare) this.#spare.push(memory);
    };
    lend(memory, { pieces: 1, emptied });
    return memory.subarray(0, length);
  }
}

/** Leaves it to `giveBack` to free the memory of `piece`, where all of it is the piece's: the collector of garbage counts too late, and too much. */
export function lendOwn(piece: Buffer): void {
  if (isAlone(piece)) lend(piece, { pieces: 1, emptied: () => free(piece) });
}

/** Frees the memory of `piece`, which nobody uses any more, where all of it is the piece's. */
export function free(piece: Buffer): void {
  if (isAlone(piece)) (piece.buffer as ArrayBuffer).transfer(0);
}

function isAlone({ buffer, length }: Buffer): boolean {
  return length >= mostShared && buffer.byteLength - length < mostAround && buffer instanceof ArrayBuffer;
}
