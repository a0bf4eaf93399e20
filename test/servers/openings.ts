import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Socket } from 'node:net';

/** Where the messages of `Openings` go; `said` in halves of a round trip. */
interface OpeningLine {
  readonly clocks: { readonly client: number; readonly server: number };
  say(to: 'client' | 'server', deliver: () => void, when?: { readonly said: number }): void;
}

const channel = 'net.client.socket';

/**
 * The opening of TCP connections by sockets of this process, as long as it takes on a line: the kernel answers for a listener before that
 * has heard of it, so `connect` would come at once. The event is kept back here until SYN and its answer would have passed.
 */
export class Openings {
  readonly #address: string;
  readonly #ports: ReadonlySet<number>;
  readonly #line: OpeningLine;
  /** By the client's port; what is to be done once the server would see the connection. */
  readonly #kept = new Map<number, { seen: boolean; whenSeen: (() => void) | undefined }>();

  constructor(address: string, ports: ReadonlySet<number>, line: OpeningLine) {
    this.#address = address;
    this.#ports = ports;
    this.#line = line;
    subscribe(channel, this.#onSocket);
  }

  /** Calls back once the server would see the connection that `accepted` is the other end of; soon, where its opening is not ours. */
  whenSeen(accepted: Socket, act: () => void): void {
    const port = accepted.remotePort ?? 0;
    // The client's end hears of the connection in the same turn.
    setImmediate(() => {
      const opening = this.#kept.get(port);
      if (opening === undefined || opening.seen) {
        this.#kept.delete(port);
        act();
      } else opening.whenSeen = act;
    });
  }

  end(): void {
    unsubscribe(channel, this.#onSocket);
  }

  readonly #onSocket = (message: unknown): void => {
    const socket = (message as { readonly socket: unknown }).socket;
    if (!(socket instanceof Socket)) return;
    const emit = socket.emit.bind(socket) as (event: string, ...values: unknown[]) => boolean;
    const keep = (event: string, ...values: unknown[]): boolean => {
      if (event !== 'connect' || socket.remoteAddress !== this.#address || !this.#ports.has(socket.remotePort ?? 0))
        return emit(event, ...values);
      Object.assign(socket, { emit });
      this.#open(socket.localPort ?? 0, () => socket.destroyed || emit('connect'));
      return true;
    };
    Object.assign(socket, { emit: keep });
  };

  /** SYN, its answer with which the client goes on, and what tells the server so. */
  #open(port: number, connected: () => void): void {
    const opening = { seen: false, whenSeen: undefined as (() => void) | undefined };
    this.#kept.set(port, opening);
    const said = this.#line.clocks.client;
    this.#line.say('server', () => {
      this.#line.say(
        'client',
        () => {
          this.#line.say('server', () => {
            opening.seen = true;
            if (opening.whenSeen) this.#kept.delete(port);
            opening.whenSeen?.();
          });
          connected();
        },
        { said: said + 1 },
      );
    });
  }
}
