import { copyOf } from '../../core/bytes.ts';
import { isRemoteError } from '../../core/errors.ts';
import type { WriteOptions } from '../../core/remote.ts';
import { leave, longLine } from './fellows.ts';
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
/** So many first bytes tell the file by its content. */
const headSize = 1024;

/** One handle on the file, and what is under way to it. */
export interface Flow {
  readonly session: Session;
  readonly handle: Handle;
  /** On another connection, which may be lost for itself. Default false. */
  readonly isElsewhere?: boolean;
}

interface Part {
  readonly offset: number;
  readonly length: number;
}

/** That connection is gone, and nothing else has happened. */
export function isLossElsewhere({ isElsewhere = false }: Flow, error: unknown): boolean {
  return isElsewhere && isRemoteError(error) && error.dropsConnection;
}

interface PacedFlow extends Flow {
  readonly pace: Pace;
  unconfirmed: number;
}

/** More ways for the content to go. */
export interface Widening {
  /** Bytes that must be left to be sent. */
  readonly worth: number;
  /** Opens the file that begins with `head` on them, and calls `join` with each handle, to write to it. Never throws. */
  readonly open: (head: Uint8Array, join: (flow: Flow) => void) => void;
}

/** WRITEs in flight for one file. Small pieces are joined, large ones are cut. */
export class FileWriter {
  readonly #scope: Scope;
  readonly #onProgress: WriteOptions['onProgress'];
  readonly #main: PacedFlow;
  readonly #start: number;
  #flows: readonly PacedFlow[];
  #widenings: readonly Widening[] = [];
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
  mayWiden(expected: number, widenings: readonly Widening[]): void {
    this.#expected = expected;
    this.#widenings = widenings;
  }

  async add(piece: Uint8Array): Promise<void> {
    const { pace } = this.#main;
    for (let at = 0; at < piece.length;) {
      const part = piece.subarray(at, at + Math.max(1, pace.chunk - this.#joinedLength));
      const goes = part.length >= large || this.#joinedLength + part.length >= pace.chunk;
      // Whoever gives a piece may use its memory again; what goes is sent before `add` resolves.
      this.#joined.push(goes ? part : copyOf(part));
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
    this.#send(this.#roomiest() ?? this.#main, data, { offset: this.length, length });
    this.length += length;
  }

  async confirmed(): Promise<void> {
    await this.#until(() => this.#confirmedLength === this.length);
  }

  /** The further flows, if there are any: then all that was sent is confirmed. None joins any more. */
  async gathered(): Promise<readonly Flow[]> {
    this.#isGathered = true;
    if (this.#flows.length > 1) await this.confirmed();
    return this.#flows.slice(1);
  }

  #roomiest(): PacedFlow | undefined {
    const room = ({ pace, unconfirmed }: PacedFlow) => pace.window - unconfirmed;
    const most = this.#flows.reduce((one, other) => (room(other) > room(one) ? other : one));
    return room(most) > 0 ? most : undefined;
  }

  #send(flow: PacedFlow, pieces: readonly Uint8Array[], part: Part): void {
    const { offset, length } = part;
    // A copy, to be sent again where that connection is lost: whoever gave the pieces may use their memory again.
    const data = flow.isElsewhere === true ? pieces.map(copyOf) : pieces;
    flow.unconfirmed += length;
    const since = performance.now();
    const inFlight = flow.unconfirmed;
    flow.session.write(this.#scope, flow.handle, offset, data).then(
      () => {
        flow.unconfirmed -= length;
        flow.pace.answered(inFlight, performance.now() - since);
        this.#confirmedLength += length;
        this.#onProgress?.(this.#confirmedLength - this.#start);
        this.#wake?.();
      },
      (error: unknown) => {
        if (isLossElsewhere(flow, error)) {
          this.#flows = this.#flows.filter((other) => other !== flow);
          this.#send(this.#main, data, part);
          return;
        }
        // A file system may take content from one handle only; the next attempt uses one.
        if (flow !== this.#main && isStatus(error)) {
          this.#main.session.sides?.stop();
          leave(this.#main.session);
        }
        this.#failure ??= { error };
        this.#wake?.();
      },
    );
  }

  /** When nothing more may be sent, and still the answers come swiftly, it is not the line that is full. */
  #considerWidening(): void {
    const { pace } = this.#main;
    if (this.#confirmedLength < this.#head.length || !pace.isSwift || pace.quickest < longLine) return;
    // As much as was sent may well come once more.
    const left = Math.max(this.#expected - this.#confirmedLength, this.length);
    const worthy = this.#widenings.filter(({ worth }) => left >= worth);
    this.#widenings = this.#widenings.filter((widening) => !worthy.includes(widening));
    for (const { open } of worthy) open(this.#head, (flow) => this.#join(flow));
  }

  #join(flow: Flow): void {
    if (this.#isGathered || this.#scope.reason) {
      flow.session.closeQuietly(flow.handle);
      return;
    }
    const { quickest } = this.#main.pace;
    const mostChunk = this.#main.session.limits.write;
    const pace = new Pace({ window: windowBeside, most: mostInFlight, chunk: Math.min(firstChunk, mostChunk), mostChunk, quickest });
    this.#flows = [...this.#flows, { ...flow, pace, unconfirmed: 0 }];
    this.#wake?.();
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!this.#failure && !condition()) await new Promise<void>((resolve) => (this.#wake = resolve));
    if (this.#failure) throw this.#failure.error;
  }
}
