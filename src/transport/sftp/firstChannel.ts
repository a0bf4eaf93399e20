import type { Client, ClientChannel } from 'ssh2';
import { leastPacket } from './serverDemands.ts';
import { protocolOf } from './ssh2Protocol.ts';

/** Number of the first channel of a connection, on both sides. */
const first = 0;
/** Bytes that go out before the server told how many it takes, and of one packet of them (RFC 4254 §5.1: every server takes such). */
const allowance = 16 * 1024;
const packetSize = 32 * 1024;

interface Confirmation {
  readonly recipient: number;
  readonly sender: number;
  readonly window: number;
  readonly packetSize: number;
}

/** What `ssh2` keeps private of a channel, as of 1.17.0. */
interface Outgoing {
  window: number;
  packetSize: number;
}

/** `reason`: RFC 4254 §5.1's, where the server gave one. */
export type Refusal = Error & { readonly reason?: unknown };

export interface FirstChannelOptions {
  /** Called at most once, in place of an answer to what was written. */
  readonly refused: (reason: Refusal) => void;
  /** The server numbered the channel otherwise, or takes nothing: the connection is of no use. */
  readonly foul: () => void;
}

type Handlers = Record<string, (protocol: unknown, ...values: unknown[]) => void>;

/**
 * Opens a subsystem on the first channel of a connection without waiting for any of the server's answers: what is written to it at once
 * goes out in the same flight. For servers that number their channels from 0 and do one thing after another.
 */
export function openFirstChannel(client: Client, subsystem: string, options: FirstChannelOptions): ClientChannel {
  const protocol = protocolOf(client);
  const handlers = protocol._handlers as Handlers;
  let channel: ClientChannel | undefined;
  client.subsys(subsystem, (_, opened) => (channel = opened));
  /* What the server is about to answer. */
  handlers['CHANNEL_OPEN_CONFIRMATION']?.(protocol, { recipient: first, sender: first, window: allowance, packetSize });
  handlers['CHANNEL_SUCCESS']?.(protocol, first);
  if (channel === undefined) throw new Error('ssh2 has another first channel');
  const { outgoing } = channel as unknown as { readonly outgoing: Outgoing };
  new Answers(handlers, outgoing, options).await(subsystem);
  return channel;
}

/** The answers that `ssh2` was told before they came. */
class Answers {
  readonly #handlers: Handlers;
  readonly #usual: Handlers;
  readonly #outgoing: Outgoing;
  readonly #options: FirstChannelOptions;
  /** Bytes that were sent before the server allowed any. */
  #debt = allowance;

  constructor(handlers: Handlers, outgoing: Outgoing, options: FirstChannelOptions) {
    this.#handlers = handlers;
    this.#usual = { ...handlers };
    this.#outgoing = outgoing;
    this.#options = options;
  }

  await(subsystem: string): void {
    this.#intercept('CHANNEL_OPEN_CONFIRMATION', (confirmation) => this.#confirmed(confirmation as Confirmation));
    this.#intercept('CHANNEL_WINDOW_ADJUST', (_, bytes) => this.#grant(bytes as number));
    this.#intercept('CHANNEL_SUCCESS', () => this.#settled());
    this.#intercept('CHANNEL_FAILURE', () => this.#refused(new Error(`Unable to start subsystem: ${subsystem}`)));
    this.#intercept('CHANNEL_CLOSE', () => this.#refused(new Error('The channel was closed.')));
    this.#intercept('CHANNEL_OPEN_FAILURE', (_, reason, description) =>
      this.#refused(Object.assign(new Error(`Channel open failure: ${String(description)}`), { reason })),
    );
  }

  #intercept(name: string, take: (...values: unknown[]) => void): void {
    this.#handlers[name] = (protocol, ...values) => {
      const [about] = values as [number | Confirmation];
      if ((typeof about === 'object' ? about.recipient : about) === first) take(...values);
      else this.#usual[name]?.(protocol, ...values);
    };
  }

  #restore(...names: readonly string[]): void {
    for (const name of names) Object.assign(this.#handlers, { [name]: this.#usual[name] });
  }

  #confirmed({ sender, window, packetSize: most }: Confirmation): void {
    this.#restore('CHANNEL_OPEN_CONFIRMATION');
    if (sender !== first || most < leastPacket) {
      this.#options.foul();
      return;
    }
    this.#debt = allowance - this.#outgoing.window;
    this.#outgoing.window = 0;
    this.#outgoing.packetSize = most;
    this.#grant(window);
  }

  #grant(bytes: number): void {
    const paid = Math.min(this.#debt, bytes);
    this.#debt -= paid;
    if (this.#debt === 0) this.#restore('CHANNEL_WINDOW_ADJUST');
    if (bytes > paid) this.#usual['CHANNEL_WINDOW_ADJUST']?.(undefined, first, bytes - paid);
  }

  #settled(): void {
    this.#restore('CHANNEL_SUCCESS', 'CHANNEL_FAILURE', 'CHANNEL_OPEN_FAILURE', 'CHANNEL_CLOSE');
  }

  #refused(reason: Refusal): void {
    this.#settled();
    this.#options.refused(reason);
  }
}
