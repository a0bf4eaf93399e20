import type { Duplex } from 'node:stream';
import { isRemoteError, type RemoteError, toRemoteError } from '../../core/errors.ts';
import type { Host } from '../../core/host.ts';
import { t } from '../../core/l10n.ts';
import { greetBeside } from './greeting.ts';
import { lost, Requests, type Deadlines } from './requests.ts';
import { inScope, type Scope } from './scope.ts';
import type { Session } from './session.ts';

const mostChannels = 3;
/** Ms after which channels that nobody uses are closed. */
const idleTime = 30_000;
/** Ms for opening one. */
const patience = 15_000;

export interface SideChannelsOptions {
  /** Opens one more SFTP channel; `Busy` or `Unsupported` where the server refuses it. */
  readonly open: (signal: AbortSignal) => Promise<Duplex>;
  readonly host: Host;
  readonly main: Session;
  readonly deadlines: Deadlines;
  /** Resolves when the connection is over, which these end with. */
  readonly closed: Promise<RemoteError>;
  /** The server opens no more. */
  readonly onRefused: () => void;
}

/** Further SFTP channels of one SSH connection, for large content: opened when they are wanted, and closed after a while. */
export class SideChannels {
  readonly #options: SideChannelsOptions;
  readonly #over = new AbortController();
  readonly #sides = new Map<Session, Requests>();
  #most = mostChannels;
  #users = 0;
  #opening: Promise<unknown> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SideChannelsOptions) {
    this.#options = options;
    void options.closed.then((reason) => {
      this.#over.abort(reason);
      this.#close(reason);
    });
  }

  /** Those that could be opened, until the scope ends. Never rejects. */
  async lend(scope: Scope): Promise<readonly Session[]> {
    if (this.#most === 0 || this.#over.signal.aborted || scope.reason) return [];
    clearTimeout(this.#timer);
    this.#users += 1;
    scope.defer(() => this.#giveBack());
    this.#opening ??= this.#openMissing().finally(() => (this.#opening = undefined));
    await this.#opening;
    return [...this.#sides.keys()];
  }

  /** None is lent any more. */
  stop(): void {
    this.#most = 0;
  }

  #giveBack(): void {
    this.#users -= 1;
    if (this.#users > 0 || this.#over.signal.aborted) return;
    this.#timer = setTimeout(() => this.#close(done()), idleTime);
    this.#timer.unref();
  }

  async #openMissing(): Promise<void> {
    const missing = Math.max(0, this.#most - this.#sides.size);
    const opened = await Promise.all(Array.from({ length: missing }, () => this.#open()));
    if (!opened.includes('refused')) return;
    // One is left for what else the person opens on this connection: a terminal.
    const [last] = [...this.#sides.values()].slice(-1);
    last?.end(done());
    this.#most = this.#sides.size;
    if (this.#most === 0) this.#options.onRefused();
  }

  async #open(): Promise<'open' | 'refused' | 'failed'> {
    const { open, host, main, deadlines } = this.#options;
    const signal = AbortSignal.any([this.#over.signal, AbortSignal.timeout(patience)]);
    let requests: Requests | undefined;
    try {
      const channel = await open(signal);
      const opened = { session: undefined as Session | undefined };
      requests = new Requests(channel, deadlines, () => opened.session && this.#sides.delete(opened.session));
      const own = requests;
      opened.session = await inScope({ signal }, (scope) => greetBeside(own, scope, host, main));
      if (own.ended) throw own.ended;
      this.#sides.set(opened.session, own);
      return 'open';
    } catch (error) {
      main.log.debug(`SFTP: no further channel: ${String(error)}`);
      requests?.end(toRemoteError(error));
      if (isRemoteError(error, 'Busy', 'Unsupported')) return 'refused';
      this.stop();
      return 'failed';
    }
  }

  #close(reason: RemoteError): void {
    clearTimeout(this.#timer);
    for (const requests of [...this.#sides.values()]) requests.end(reason);
  }
}

function done(): RemoteError {
  return lost(t('The connection was closed.'));
}
