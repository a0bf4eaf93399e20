import { Duplex, type Readable, type Writable } from 'node:stream';

/**
 * What is read from one stream and written to another, as one that behaves like a socket: what breaks or ends of either ends it, and
 * destroying it calls `release` at once. `ended`, called once, takes the place of an end or a break of either that says nothing of why: it
 * has to destroy the stream. Until then what is still to be read is read, and a write that broke is still under way.
 */
export class PairedStream extends Duplex {
  readonly #source: Readable;
  readonly #sink: Writable;
  readonly #release: () => void;
  readonly #broken: (error?: Error | null) => void;

  constructor(source: Readable, sink: Writable, release: () => void, ended?: () => void) {
    super({ allowHalfOpen: true });
    this.#source = source;
    this.#sink = sink;
    this.#release = release;
    // It may break while nobody waits for it; whoever uses it next finds it closed.
    this.on('error', () => {});
    let hasEnded = false;
    const endOnce = (): void => {
      if (!hasEnded) ended?.();
      hasEnded = true;
    };
    const broken = (this.#broken = ended ? endOnce : (error?: Error | null) => void this.destroy(error ?? undefined));
    source
      .on('data', (chunk: Buffer) => {
        if (!this.push(chunk)) source.pause();
      })
      .on('end', ended ? endOnce : () => void this.push(null))
      .on('error', broken)
      .on('close', () => {
        // What came before the end is still to be read.
        if (!source.readableEnded) broken();
      });
    sink.on('error', broken);
    source.pause();
  }

  override _read(): void {
    this.#source.resume();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#sink.write(chunk, encoding, (error) => {
      if (!error || this.closed) {
        done(error);
        return;
      }
      // To call back at once would destroy this, for a reason that may not be the one.
      this.once('close', () => done(this.errored ?? error));
      this.#broken(error);
    });
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#sink.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#release();
    done(error);
  }
}
