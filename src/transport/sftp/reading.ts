import { RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import type { ReadOptions } from '../../core/remote.ts';
import { giveBack } from '../slabReads.ts';
import { longLine, worthConnections } from './fellows.ts';
import { toAttributes, type FileAttributes } from './fileAttributes.ts';
import { type Flow, isLossElsewhere } from './fileWriter.ts';
import { openElsewhere } from './spreading.ts';
import { Pace } from './pace.ts';
import { failure, isStatus } from './sftpErrors.ts';
import { outcome, type Outcome, type Scope } from './scope.ts';
import { askAhead, type Handle } from './handles.ts';
import type { Session } from './session.ts';

/** Bytes asked for ahead of what the sink took, at first and at most. */
const window = 2 * 1024 * 1024;
const mostInFlight = 8 * 1024 * 1024;
/** Bytes that may be here or under way out of order, where several connections bring them. */
const mostAhead = 24 * 1024 * 1024;
/** Bytes under way at most on each further connection. */
const mostElsewhere = 4 * 1024 * 1024;
/** So many first bytes tell the file by its content. */
const headSize = 1024;
/** What is in flight is asked for in so many parts. */
const batches = 8;
/** Bytes asked for before the size is known. */
const firstFlight = 128 * 1024;

interface Segment {
  readonly offset: number;
  readonly length: number;
  /** By the flow that it was asked of, or the main one where that was lost. */
  readonly data: Promise<Outcome<Buffer | undefined>>;
  /** The answer has come. */
  readonly isHere: boolean;
}

interface PacedFlow extends Flow {
  readonly pace: Pace;
  /** Bytes asked for and not answered. */
  unanswered: number;
}

/** Opens the file that began with `head` on other connections, and calls `join` with each handle, to read from it. Never throws. */
type Widen = (head: Uint8Array, join: (flow: Flow) => void) => void;

type Sink = (chunk: Uint8Array) => void | Promise<void>;

/** The bytes of a file in order; asks for its size and its first bytes in one flight, with OPEN where its handle can be told before. */
export async function readFile(session: Session, scope: Scope, path: string, sink: Sink, options: ReadOptions): Promise<number> {
  const start = options.offset ?? 0;
  const end = start + (options.length ?? Infinity);
  const ask = (handle: Handle) => {
    const reader = new FileReader(session, scope, handle, start);
    const asked = outcome(session.fstat(scope, handle));
    reader.askUpTo(Math.min(end, start + Math.max(firstFlight, session.limits.read)));
    return { reader, asked };
  };
  const { reader, asked } = await askAhead(session.openFile(scope, path), ask);
  const attributes = await asked;
  const size = sizeOf(attributes);
  // Files that are made as they are read (/proc) say 0 and have content.
  const target = size === undefined || size === 0 ? end : Math.min(end, Math.max(size, start));
  if ('value' in attributes)
    reader.mayWiden((head, join) => openElsewhere({ session, scope, path }, attributes.value, { start, head }, join));
  await reader.deliver(target, size !== undefined && size > 0, sink, options);
  return reader.position - start;
}

function sizeOf(asked: Outcome<FileAttributes>): number | undefined {
  if ('value' in asked) {
    if (toAttributes(asked.value).kind === 'directory') throw failure('IsADirectory');
    return asked.value.size;
  }
  if (isStatus(asked.error)) return undefined;
  throw asked.error;
}

/** READs in flight for one file, delivered in order; what a short reply left out is asked for again. */
class FileReader {
  readonly #scope: Scope;
  readonly #main: PacedFlow;
  readonly #segments: Segment[] = [];
  readonly #start: number;
  #flows: readonly PacedFlow[];
  #asked: number;
  #widen: Widen | undefined;
  #head: Uint8Array = new Uint8Array();
  /** Everything before it went to the sink. */
  position: number;

  constructor(session: Session, scope: Scope, handle: Handle, start: number) {
    this.#scope = scope;
    this.#start = start;
    this.#asked = start;
    this.position = start;
    const { read } = session.limits;
    const pace = new Pace({ window, most: mostInFlight, chunk: read, mostChunk: read });
    this.#main = { session, handle, pace, unanswered: 0 };
    this.#flows = [this.#main];
  }

  /** Lets it come over further connections, once it shows that it is worth them. */
  mayWiden(widen: Widen): void {
    this.#widen = widen;
  }

  /** Several at once, which is one packet on its way; until there is room for that, those in flight suffice. */
  askUpTo(target: number): void {
    const { window } = this.#main.pace;
    const isAlone = this.#flows.length === 1;
    if (isAlone && this.#segments.length > 0 && this.#asked - this.position > window - window / batches) return;
    while (this.#asked < target && this.#asked - this.position < (isAlone ? this.#main.pace.window : mostAhead)) {
      const flow = isAlone ? this.#main : this.#roomiest();
      if (flow === undefined) return;
      const segment = this.#ask(flow, this.#asked, Math.min(flow.pace.chunk, target - this.#asked));
      this.#segments.push(segment);
      this.#asked += segment.length;
    }
  }

  /** Undefined: as much as makes sense is under way everywhere. */
  #roomiest(): PacedFlow | undefined {
    const room = ({ pace, unanswered }: PacedFlow) => pace.window - unanswered;
    const most = this.#flows.reduce((one, other) => (room(other) > room(one) ? other : one));
    return room(most) > 0 ? most : undefined;
  }

  /** `certain`: the file has all up to `target`, so that an earlier end is a loss. */
  async deliver(target: number, certain: boolean, sink: Sink, { lent, onProgress }: ReadOptions): Promise<void> {
    while (this.position < target) {
      this.askUpTo(target);
      const segment = this.#segments.shift();
      if (!segment) throw new Error('no READ in flight');
      // The first is waited for in any case.
      if (!segment.isHere && this.position > this.#start) this.#starve(target);
      const data = await valueOf(segment);
      if (data === undefined || data.length === 0) {
        if (certain) throw cutShort(this.position);
        return;
      }
      if (data.length < segment.length) this.#askRest(segment, data.length, target);
      if (this.position === this.#start) this.#head = Uint8Array.from(data.subarray(0, headSize));
      const taking = sink(data.subarray(0, target - this.position));
      if (taking !== undefined) await taking;
      if (this.#scope.reason) throw this.#scope.reason;
      this.position += Math.min(data.length, target - this.position);
      if (lent === true) giveBack(data);
      onProgress?.(this.position - this.#start);
    }
  }

  #askRest(segment: Segment, got: number, target: number): void {
    const offset = segment.offset + got;
    if (offset >= target) return;
    // The server gives less than asked for at once: ask for so much from now on.
    for (const { pace } of this.#flows) pace.limit(Math.max(got, 4096));
    this.#segments.unshift(this.#ask(this.#main, offset, segment.length - got));
  }

  #ask(flow: PacedFlow, offset: number, length: number): Segment {
    const asked = outcome(this.#read(flow, offset, length));
    const data = flow.isElsewhere === true ? asked.then((result) => this.#askAgain(flow, offset, length, result)) : asked;
    const segment = { offset, length, data, isHere: false };
    void data.then(() => (segment.isHere = true));
    return segment;
  }

  async #read(flow: PacedFlow, offset: number, length: number): Promise<Buffer | undefined> {
    const since = performance.now();
    flow.unanswered += length;
    const inFlight = this.#flows.length === 1 ? offset + length - this.position : flow.unanswered;
    try {
      return await flow.session.read(this.#scope, flow.handle, offset, length);
    } finally {
      flow.unanswered -= length;
      flow.pace.answered(inFlight, performance.now() - since);
    }
  }

  /** What a lost connection owes comes by the main one. */
  #askAgain(flow: PacedFlow, offset: number, length: number, result: Outcome<Buffer | undefined>): typeof result | Promise<typeof result> {
    if (!('error' in result) || !isLossElsewhere(flow, result.error)) return result;
    this.#flows = this.#flows.filter((other) => other !== flow);
    return outcome(this.#read(this.#main, offset, length));
  }

  /** It is the line that holds things up: more may be under way, and by more ways where much is left. */
  #starve(target: number): void {
    for (const { pace } of this.#flows) pace.starved();
    const { isSwift, quickest } = this.#main.pace;
    if (!this.#widen || target - this.position < worthConnections || target === Infinity || !isSwift || quickest < longLine) return;
    const widen = this.#widen;
    this.#widen = undefined;
    widen(this.#head, (flow) => this.#join(flow));
  }

  #join(flow: Flow): void {
    const { chunk, quickest } = this.#main.pace;
    const pace = new Pace({ window, most: mostElsewhere, chunk, mostChunk: this.#main.session.limits.read, quickest });
    this.#flows = [...this.#flows, { ...flow, pace, unanswered: 0 }];
  }
}

async function valueOf(segment: Segment): Promise<Buffer | undefined> {
  const result = await segment.data;
  if ('error' in result) throw result.error;
  return result.value;
}

function cutShort(position: number): RemoteError {
  return new RemoteError('Lost', t('The file ended after {0} bytes, before the size that the server told.', position), {
    hint: t('It may be changing right now; read it again.'),
    dropsConnection: false,
  });
}
