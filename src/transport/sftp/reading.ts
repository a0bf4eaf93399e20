import { RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import type { ReadOptions } from '../../core/remote.ts';
import { giveBack } from '../slabReads.ts';
import { toAttributes, type FileAttributes } from './fileAttributes.ts';
import { Pace } from './pace.ts';
import { failure, isStatus } from './sftpErrors.ts';
import { outcome, type Outcome, type Scope } from './scope.ts';
import { askAhead, type Handle } from './handles.ts';
import type { Session } from './session.ts';

/** Bytes asked for ahead of what the sink took, at first and at most. */
const window = 2 * 1024 * 1024;
const mostInFlight = 8 * 1024 * 1024;
/** What is in flight is asked for in so many parts. */
const batches = 8;
/** Bytes asked for before the size is known. */
const firstFlight = 128 * 1024;

interface Segment {
  readonly offset: number;
  readonly length: number;
  readonly data: Promise<Outcome<Buffer | undefined>>;
  /** The answer has come. */
  readonly isHere: boolean;
}

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
  const size = sizeOf(await asked);
  // Files that are made as they are read (/proc) say 0 and have content.
  const target = size === undefined || size === 0 ? end : Math.min(end, Math.max(size, start));
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
  readonly #session: Session;
  readonly #scope: Scope;
  readonly #handle: Handle;
  readonly #segments: Segment[] = [];
  readonly #start: number;
  #asked: number;
  readonly #pace: Pace;
  /** Everything before it went to the sink. */
  position: number;

  constructor(session: Session, scope: Scope, handle: Handle, start: number) {
    this.#session = session;
    this.#scope = scope;
    this.#handle = handle;
    this.#start = start;
    this.#asked = start;
    this.position = start;
    const { read } = session.limits;
    this.#pace = new Pace({ window, most: mostInFlight, chunk: read, mostChunk: read });
  }

  /** Several at once, which is one packet on its way; until there is room for that, those in flight suffice. */
  askUpTo(target: number): void {
    const { window } = this.#pace;
    if (this.#segments.length > 0 && this.#asked - this.position > window - window / batches) return;
    while (this.#asked < target && this.#asked - this.position < this.#pace.window) {
      const segment = this.#ask(this.#asked, Math.min(this.#pace.chunk, target - this.#asked));
      this.#segments.push(segment);
      this.#asked += segment.length;
    }
  }

  /** `certain`: the file has all up to `target`, so that an earlier end is a loss. */
  async deliver(target: number, certain: boolean, sink: Sink, { lent, onProgress }: ReadOptions): Promise<void> {
    while (this.position < target) {
      this.askUpTo(target);
      const segment = this.#segments.shift();
      if (!segment) throw new Error('no READ in flight');
      // The first is waited for in any case.
      if (!segment.isHere && this.position > this.#start) this.#pace.starved();
      const data = await valueOf(segment);
      if (data === undefined || data.length === 0) {
        if (certain) throw cutShort(this.position);
        return;
      }
      if (data.length < segment.length) this.#askRest(segment, data.length, target);
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
    this.#pace.limit(Math.max(got, 4096));
    this.#segments.unshift(this.#ask(offset, segment.length - got));
  }

  #ask(offset: number, length: number): Segment {
    const since = performance.now();
    const inFlight = offset + length - this.position;
    const data = outcome(this.#session.read(this.#scope, this.#handle, offset, length));
    const segment = { offset, length, data, isHere: false };
    void data.then(() => {
      segment.isHere = true;
      this.#pace.answered(inFlight, performance.now() - since);
    });
    return segment;
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
