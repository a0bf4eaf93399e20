import { createServer, Socket } from 'node:net';
import { Openings } from './openings.ts';

/** A relay on loopback that passes what has been said only once both sides have fallen silent. */
export interface LockstepLink {
  readonly address: string;
  readonly port: number;
  /**
   * How often so far something went to the server: what a client says without waiting for an answer is one flight, on however many
   * connections. A side that pauses in the middle makes two of one; nothing makes one of two.
   */
  readonly flights: number;
  /**
   * Round trips so far, on a line of which only the length counts: what arrives is half a round trip younger than what its sender had
   * heard when it said it, on whatever connection. Opening a connection takes one, as SYN and its answer do, and the server sees it with
   * what comes next. It holds for clients in this process.
   *
   * To count an operation: `await link.quiet()`, note `roundTrips`, run it, take the difference. The first `quiet` keeps what an earlier
   * operation left going (the next data connection, say) out of the count.
   */
  readonly roundTrips: number;
  /** Milliseconds, as in `LockstepOptions`; more of them where a busy machine pauses in the middle of what goes together. */
  silenceMs: number;
  /** Resolves when nothing is on the way any more. */
  quiet(): Promise<void>;
  close(): Promise<void>;
}

export interface LockstepOptions {
  /** Milliseconds without a byte that count as silence; default 100. Where one side needs longer to answer, that costs no round trip. */
  readonly silenceMs?: number;
  /** Where it listens; default 127.0.0.1. */
  readonly address?: string;
  /** An FTP server's passive ports, as of `withDataPorts`; `address` must then be another than the server's. */
  readonly dataPorts?: readonly number[];
}

/** What is on the way. Times are halves of a round trip. */
interface Message {
  readonly to: 'client' | 'server';
  readonly arrives: number;
  readonly isContent: boolean;
  readonly deliver: () => void;
}

/** What was said since the last silence, and how late it is on each side. */
class Line {
  readonly clocks = { client: 0, server: 0 };
  flights = 0;
  silence: number;
  #said: Message[] = [];
  #timer: NodeJS.Timeout | undefined;
  readonly #waiting = new Set<() => void>();

  constructor(silence: number) {
    this.silence = silence;
  }

  /** `said`: when; default: now, by the clock of the other side. */
  say(to: Message['to'], deliver: () => void, { isContent = false, said = this.clocks[to === 'client' ? 'server' : 'client'] } = {}): void {
    this.#said.push({ to, arrives: said + 1, isContent, deliver });
    this.#restart();
  }

  async quiet(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#waiting.add(resolve);
      this.#restart();
    });
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #restart(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#pass(), this.silence);
  }

  #pass(): void {
    const all = this.#said;
    this.#said = [];
    if (all.some(({ to, isContent }) => isContent && to === 'server')) this.flights += 1;
    for (const { to, arrives } of all) this.clocks[to] = Math.max(this.clocks[to], arrives);
    for (const { deliver } of all) deliver();
    if (all.length > 0) this.#restart();
    else {
      for (const resolve of this.#waiting) resolve();
      this.#waiting.clear();
    }
  }
}

export async function startLockstepLink(target: number, options: LockstepOptions = {}): Promise<LockstepLink> {
  const { silenceMs = 100, address = '127.0.0.1', dataPorts = [] } = options;
  const line = new Line(silenceMs);
  const sockets = new Set<Socket>();
  const relay = (from: Socket, to: Socket, side: Message['to']) => {
    sockets.add(from);
    from.setNoDelay(true);
    const say = (deliver: () => void, isContent = false) => line.say(side, () => to.destroyed || deliver(), { isContent });
    from.on('data', (chunk: Buffer) => say(() => to.write(chunk), true));
    from.on('end', () => say(() => to.end()));
    from.on('error', () => say(() => to.resetAndDestroy()));
    from.on('close', () => {
      sockets.delete(from);
      say(() => to.destroy());
    });
  };
  const listeners = [0, ...dataPorts].map((number) => ({
    number,
    server: createServer({ allowHalfOpen: true }, (client) => {
      // What the client says at once must not wait to be read until the server sees it: others may have heard more by then.
      const server = new Socket({ allowHalfOpen: true });
      relay(client, server, 'server');
      relay(server, client, 'client');
      openings.whenSeen(client, () => {
        if (!server.destroyed) server.connect({ port: number === 0 ? target : number, host: '127.0.0.1' });
      });
    }),
  }));
  for (const { number, server } of listeners) await new Promise<void>((resolve) => server.listen(number, address, resolve));
  const bound = listeners[0]?.server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  const openings = new Openings(address, new Set([port, ...dataPorts]), line);
  return {
    address,
    port,
    get flights() {
      return line.flights;
    },
    get roundTrips() {
      return line.clocks.client / 2;
    },
    get silenceMs() {
      return line.silence;
    },
    set silenceMs(value) {
      line.silence = value;
    },
    quiet: () => line.quiet(),
    async close() {
      openings.end();
      line.end();
      for (const socket of sockets) socket.destroy();
      await Promise.all(listeners.map(({ server }) => new Promise((resolve) => server.close(resolve))));
    },
  };
}
