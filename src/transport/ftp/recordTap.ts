import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

const headerBytes = 5;
/** Content types of a record (RFC 8446 §5.1). */
const [alert, applicationData] = [21, 23];
/** Of an encrypted alert in TLS 1.3: two bytes, their content type, the tag (16; 8 with short ones). */
const alertBytes = 2 + 1 + 16;

/**
 * Stands between a socket and TLS and looks at the headers of the records that come. Node does not tell whether the server ended TLS
 * before it ended the connection (close_notify, RFC 8446 §6.1) or somebody in between cut it; here it shows, because a server that ends it
 * sends an alert last.
 */
export class RecordTap extends Duplex {
  readonly #raw: Socket;
  readonly #header = Buffer.alloc(headerBytes);
  #filled = 0;
  /** Bytes of the record's content that are yet to come. */
  #rest = 0;
  #last: { readonly type: number; readonly length: number } | undefined;

  constructor(raw: Socket) {
    // Not closed by itself: TLS over it would be closed with it, before the reader had all.
    super({ allowHalfOpen: false, autoDestroy: false });
    this.#raw = raw;
    raw.on('data', (chunk: Buffer) => {
      this.#scan(chunk);
      if (!this.push(chunk)) raw.pause();
    });
    let ended = false;
    raw.on('end', () => {
      ended = true;
      this.push(null);
    });
    raw.on('error', (error) => this.destroy(error));
    raw.on('close', () => ended || this.destroy());
    raw.pause();
  }

  /** Whether what came so far ends with an alert: the orderly end, if the connection ends here. */
  get endsWithAlert(): boolean {
    if (this.#rest > 0 || this.#filled > 0 || this.#last === undefined) return false;
    const { type, length } = this.#last;
    return type === alert || (type === applicationData && length <= alertBytes);
  }

  override _read(): void {
    this.#raw.resume();
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#raw.write(chunk, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#raw.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#raw.destroy();
    done(error);
  }

  #scan(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#rest > 0) {
        const skipped = Math.min(this.#rest, chunk.length - at);
        this.#rest -= skipped;
        at += skipped;
        continue;
      }
      const copied = chunk.copy(this.#header, this.#filled, at, at + headerBytes - this.#filled);
      this.#filled += copied;
      at += copied;
      if (this.#filled < headerBytes) return;
      this.#filled = 0;
      this.#rest = this.#header.readUInt16BE(3);
      this.#last = { type: this.#header[0] ?? 0, length: this.#rest };
    }
  }
}
