import type { Content, WriteOptions } from '../../core/remote.ts';
import type { Handle } from './handles.ts';
import { Pace } from './pace.ts';
import type { Scope } from './scope.ts';
import type { Session } from './session.ts';
import { isStatus } from './sftpErrors.ts';

/** Bytes sent and not yet confirmed, at first and at most. */
const window = 2 * 1024 * 1024;
export const mostInFlight = 4 * 1024 * 1024;
/** The same for each further channel, which begins on a line that is in use. */
const windowBeside = 512 * 1024;
/** Until it is known how fast the line is: the answer to more may take longer than its deadline. */
const firstChunk = 32 * 1024;
/** A piece of so many bytes is sent as it is. */
const large = 64 * 1024;
/** Content from so many bytes on is worth further channels, */
const worthMore = 8 * 1024 * 1024;
/** where answers take so many ms: OpenSSH takes in 2 MB a channel for each of them, which no shorter line fills. */
const longLine = 10;
/** So many first bytes tell the file by its content. */
const headSize = 1024;

/** One handle on the file, and what is under way to it. */
export interface Flow {
  readonly session: Session;
  readonly handle: Handle;
}

interface PacedFlow extends Flow {
  readonly pace: Pace;
  unconfirmed: number;
}

/** Opens the file that begins with `head` on further channels, and calls `join` with each handle, to write to it. Never rejects. */
export type Widen = (head: Uint8Array, join: (flow: Flow) => void) => Promise<void>;

/** WRITEs in flight for one file. Small pieces are joined, large ones are cut. */
export class FileWriter {
  readonly #scope: Scope;
  readonly #onProgress: WriteOptions['onProgress'];
  readonly #main: PacedFlow;
  readonly #start: number;
  readonly #flows: PacedFlow[];
  #widen: Widen | undefined;
  #expected = 0;
  #head: Uint8Array = new Uint8Array();
  #joined: Uint8Array[] = [];
  #joinedLength = 0;
  #confirmedLength = 0;
  #isGathered = false;
  #failure: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;
  /** Where what was sent ends in the file. */
  length = 0;

  /** `start`: the first byte that is written. */
  constructor(session: Session, scope: Scope, handle: Handle, onProgress: WriteOptions['onProgress'], start = 0) {
    this.#scope = scope;
    this.#onProgress = onProgress;
    const { write } = session.limits;
    const pace = new Pace({ window, most: mostInFlight, chunk: Math.min(firstChunk, write), mostChunk: write });
    this.#main = { session, handle, pace, unconfirmed: 0 };
    this.#flows = [this.#main];
    this.#start = this.#confirmedLength = this.length = start;
  }

  /** Lets it go over further channels, once it shows that it is worth it. To be called before `add`. */
  mayWiden(content: Content, widen: Widen): void {
    this.#widen = widen;
    this.#expected = content instanceof Uint8Array ? content.length : 0;
  }

  async add(piece: Uint8Array): Promise<void> {
    const { pace } = this.#main;
    for (let at = 0; at < piece.length;) {
      const part = piece.subarray(at, at + Math.max(1, pace.chunk - this.#joinedLength));
      const goes = part.length >= large || this.#joinedLength + part.length >= pace.chunk;
      // Whoever gives a piece may use its memory again; what goes is sent before `add` resolves.
      this.#joined.push(goes ? part : part.slice());
      this.#joinedLength += part.length;
      at += part.length;
      if (goes) await this.flush();
    }
  }

  /** Sends what is joined so far, once there is room for it. */
  async flush(): Promise<void> {
    if (this.#roomiest() === undefined) {
      this.#considerWidening();
      for (const { pace } of this.#flows) pace.starved();
    }
    await this.#until(() => this.#roomiest() !== undefined);
    const length = this.#joinedLength;
    if (length === 0) return;
    const data = this.#joined;
    if (this.length === 0) this.#head = Buffer.concat(data.map((piece) => piece.subarray(0, headSize))).subarray(0, headSize);
    this.#joined = [];
    this.#joinedLength = 0;
    this.#send(this.#roomiest() ?? this.#main, data, length);
  }

  async confirmed(): Promise<void> {
    await this.#until(() => this.#confirmedLength === this.length);
  }

  /** The further flows, if there are any: then all that was sent is confirmed. None joins any more. */
  async gathered(): Promise<readonly Flow[]> {
    this.#isGathered = true;
    const beside = this.#flows.slice(1);
    if (beside.length > 0) await this.confirmed();
    return beside;
  }

  #roomiest(): PacedFlow | undefined {
    const room = ({ pace, unconfirmed }: PacedFlow) => pace.window - unconfirmed;
    const most = this.#flows.reduce((one, other) => (room(other) > room(one) ? other : one));
    return room(most) > 0 ? most : undefined;
  }

  #send(flow: PacedFlow, data: readonly Uint8Array[], length: number): void {
    flow.unconfirmed += length;
    const since = performance.now();
    const inFlight = flow.unconfirmed;
    flow.session.write(this.#scope, flow.handle, this.length, data).then(
      () => {
        flow.unconfirmed -= length;
        flow.pace.answered(inFlight, performance.now() - since);
        this.#confirmedLength += length;
        this.#onProgress?.(this.#confirmedLength - this.#start);
        this.#wake?.();
      },
      (error: unknown) => {
        // A file system may take content from one handle only; the next attempt uses one.
        if (flow !== this.#main && isStatus(error)) this.#main.session.sides?.stop();
        this.#failure ??= { error };
        this.#wake?.();
      },
    );
    this.length += length;
  }

  /** When nothing more may be sent, and still the answers come swiftly, it is not the line that is full. */
  #considerWidening(): void {
    const { pace } = this.#main;
    const worth = Math.max(this.#expected, this.length) >= worthMore;
    if (!this.#widen || !worth || this.#confirmedLength < this.#head.length || !pace.isSwift || pace.quickest < longLine) return;
    const widen = this.#widen;
    this.#widen = undefined;
    void widen(this.#head, (flow) => this.#join(flow));
  }

  #join(flow: Flow): void {
    if (this.#isGathered || this.#scope.reason) {
      flow.session.closeQuietly(flow.handle);
      return;
    }
    const { quickest } = this.#main.pace;
    const mostChunk = flow.session.limits.write;
    const pace = new Pace({ window: windowBeside, most: mostInFlight, chunk: Math.min(firstChunk, mostChunk), mostChunk, quickest });
    this.#flows.push({ ...flow, pace, unconfirmed: 0 });
    this.#wake?.();
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!this.#failure && !condition()) await new Promise<void>((resolve) => (this.#wake = resolve));
    if (this.#failure) throw this.#failure.error;
  }
}
