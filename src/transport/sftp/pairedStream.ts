import { Duplex, type Readable, type Writable } from 'node:stream';

/**
 * What is read from one stream and written to another, as one that behaves like a socket: what breaks or ends of either ends it, and
 * destroying it calls `release` at once.
 */
export class PairedStream extends Duplex {
  readonly #source: Readable;
  readonly #sink: Writable;
  readonly #release: () => void;

  constructor(source: Readable, sink: Writable, release: () => void) {
    super({ allowHalfOpen: true });
    this.#source = source;
    this.#sink = sink;
    this.#release = release;
    // It may break while nobody waits for it; whoever uses it next finds it closed.
    this.on('error', () => {});
    const ended = (error?: Error | null): void => void this.destroy(error ?? undefined);
    source
      .on('data', (chunk: Buffer) => {
        if (!this.push(chunk)) source.pause();
      })
      .on('end', () => this.push(null))
      .on('error', ended)
      .on('close', () => {
        // What came before the end is still to be read.
        if (!source.readableEnded) ended();
      });
    sink.on('error', ended);
    source.pause();
  }

  override _read(): void {
    this.#source.resume();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#sink.write(chunk, encoding, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#sink.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#release();
    done(error);
  }
}
