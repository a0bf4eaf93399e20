import type { Duplex } from 'node:stream';

export interface Outgoing {
  readonly packet: Buffer;
  /** Called when its turn has come; false drops it. */
  take(): boolean;
  /** Called when the channel accepted it. */
  taken(): void;
}

/** What the channel may hold unaccepted: small, so that a request for a listing passes megabytes of content that wait. */
const maxUnaccepted = 256 * 1024;
const batchSize = 32 * 1024;

/** Sends packets as the channel takes them, many small ones in one write. */
export class Sender {
  readonly #channel: Duplex;
  readonly #urgent: Outgoing[] = [];
  readonly #bulk: Outgoing[] = [];
  #unaccepted = 0;
  #scheduled = false;
  #stopped = false;
  #progress = 0;

  constructor(channel: Duplex) {
    this.#channel = channel;
  }

  add(outgoing: Outgoing, lane: 'bulk' | undefined): void {
    if (this.#idle) this.progressed();
    (lane === 'bulk' ? this.#bulk : this.#urgent).push(outgoing);
    this.#schedule();
  }

  /** Something moved, in whatever direction. */
  progressed(): void {
    this.#progress = performance.now();
  }

  /** Milliseconds for which nothing moved though packets wait. */
  stalledFor(now: number): number {
    return this.#idle ? 0 : now - this.#progress;
  }

  stop(): void {
    this.#stopped = true;
    this.#urgent.length = 0;
    this.#bulk.length = 0;
  }

  get #idle(): boolean {
    return this.#unaccepted === 0 && this.#urgent.length === 0 && this.#bulk.length === 0;
  }

  /** What is added in one turn of the event loop goes out together. */
  #schedule(): void {
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      while (!this.#stopped && this.#unaccepted < maxUnaccepted && this.#writeBatch());
    });
  }

  #writeBatch(): boolean {
    const batch: Outgoing[] = [];
    let size = 0;
    while (size < batchSize) {
      const next = this.#urgent.shift() ?? this.#bulk.shift();
      if (!next) break;
      if (!next.take()) continue;
      batch.push(next);
      size += next.packet.length;
    }
    const [first] = batch;
    if (!first) return false;
    this.#unaccepted += size;
    this.#channel.write(batch.length === 1 ? first.packet : Buffer.concat(batch.map(({ packet }) => packet)), (error) => {
      if (error) return;
      this.#unaccepted -= size;
      this.progressed();
      for (const outgoing of batch) outgoing.taken();
      this.#schedule();
    });
    return true;
  }
}
