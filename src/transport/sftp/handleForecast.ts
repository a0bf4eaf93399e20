export type Opened = 'file' | 'folder';

/** A request that opens something, or closes a handle. */
export interface HandleChange {
  /** Undefined for CLOSE. */
  readonly opens: Opened | undefined;
  /** The handle's number. */
  readonly closes: number | undefined;
}

/**
 * What handle an OPEN will be given. OpenSSH numbers them and gives the one that was closed last first, so that a request for what an OPEN
 * opens can go out behind it without waiting for its answer. Only a guess: whoever asks so compares the handle once it is there, and asks
 * for nothing that would do harm with another. No guess where a server was seen to number them otherwise.
 */
export class HandleForecast {
  /** Closed ones as of the last answer, the next to be given last. */
  readonly #free: number[] = [];
  readonly #folders = new Set<number>();
  /** Asked for and not answered, in that order. */
  readonly #asked = new Set<HandleChange>();
  readonly #isCertain: boolean;
  #count = 0;
  #seen = 0;
  #usual = true;

  /** `isCertain`: the server is known to number them so before it gave one. */
  constructor(isCertain: boolean) {
    this.#isCertain = isCertain;
  }

  asksToOpen(opens: Opened): HandleChange {
    return this.#ask({ opens, closes: undefined });
  }

  asksToClose(handle: Uint8Array): HandleChange {
    return this.#ask({ opens: undefined, closes: numberOf(handle) });
  }

  /** It was refused, or nobody waits for it any more. */
  drop(change: HandleChange): void {
    this.#asked.delete(change);
  }

  /** To be called in the order of the answers. */
  opened(change: HandleChange, handle: Uint8Array): void {
    this.#asked.delete(change);
    if (!this.#usual) return;
    const number = numberOf(handle);
    this.#usual = number === (this.#free.pop() ?? this.#count++);
    this.#seen += 1;
    if (change.opens === 'folder') this.#folders.add(number);
  }

  /** As `opened`. */
  closed(change: HandleChange): void {
    this.#asked.delete(change);
    if (!this.#usual || change.closes === undefined) return;
    this.#free.push(change.closes);
    this.#folders.delete(change.closes);
  }

  /**
   * For an OPEN that is asked for now, if all that was asked for before is done; undefined where nothing tells. For a folder only while
   * no other is open: what a READDIR takes from another listing would be missing there.
   */
  next(opens: Opened): Uint8Array | undefined {
    if (!this.#usual || (this.#seen === 0 && !this.#isCertain)) return undefined;
    const free = [...this.#free];
    const folders = new Set(this.#folders);
    let count = this.#count;
    for (const change of this.#asked) {
      if (change.opens === 'folder' && opens === 'folder') return undefined;
      if (change.opens !== undefined && free.pop() === undefined) count += 1;
      if (change.closes === undefined) continue;
      free.push(change.closes);
      folders.delete(change.closes);
    }
    if (opens === 'folder' && folders.size > 0) return undefined;
    const handle = Buffer.alloc(4);
    handle.writeUInt32BE(free.pop() ?? count);
    return handle;
  }

  #ask(change: HandleChange): HandleChange {
    if (this.#usual) this.#asked.add(change);
    return change;
  }
}

/** -1: not one of OpenSSH's. */
function numberOf(handle: Uint8Array): number {
  return handle.length === 4 ? Buffer.from(handle).readInt32BE() : -1;
}
