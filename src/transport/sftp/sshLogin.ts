import type { Duplex } from 'node:stream';
import type { ConnectContext } from '../../core/connect.ts';
import { abortError, RemoteError, toRemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import type { Peer } from '../../core/prompts.ts';
import { Deadline } from '../deadline.ts';
import { programOf } from '../openssh/program.ts';
import { offeredAlgorithms, outdated } from './algorithms.ts';
import { authenticate } from './authentication.ts';
import { sshEnvironment, type SshEnvironment } from './environment.ts';
import { HostKeyCheck, readKnownHosts } from './hostKeys.ts';
import { SshLink } from './sshLink.ts';
import type { SshTarget } from './sshTarget.ts';
import { UserauthDialogue } from './userauth.ts';

export interface SshLoginOptions {
  readonly target: SshTarget;
  /** The host that is connected to, for questions: the target's own name where it is no hop. */
  readonly hostName: string;
  /** As in `SecretRequest`: undefined for the host itself. */
  readonly station: string | undefined;
  readonly context: ConnectContext;
  /** Ms for connecting and logging in, without the time that a person thinks. */
  readonly patience: number;
  /** Begins the connection; called once, when all is there to go on with it. */
  readonly connect: () => Duplex;
}

/** Connects to one SSH server, checks its host key and logs in. What follows is for `session`, within the same time. */
export class SshLogin {
  readonly #options: SshLoginOptions;
  readonly #environment: SshEnvironment = sshEnvironment();
  /** Ends every question when the attempt is over. */
  readonly #over = new AbortController();
  #link: SshLink | undefined;
  #deadline: Deadline | undefined;

  constructor(options: SshLoginOptions) {
    this.#options = options;
  }

  /** Aborted when the attempt is over before its end. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /** Resolves with what `session` does; the link lives on. Rejects with the first reason, the link ended. */
  async run<T>(session: (link: SshLink) => Promise<T>): Promise<T> {
    const deadline = (this.#deadline = new Deadline(this.#options.patience, this.#options.context.signal, () => this.#late()));
    const { signal } = deadline;
    signal.addEventListener('abort', () => this.#fail(abortError(signal)), { once: true });
    try {
      if (signal.aborted) throw abortError(signal);
      return await session(await this.#connect());
    } catch (error) {
      const reason = toRemoteError(error);
      this.#fail(reason);
      if (reason.code === 'Auth' || (reason.code === 'Lost' && !reason.retryable)) throw reason;
      /* What ended the attempt first says more than what followed from it. */
      throw this.#link?.signal.reason ?? (this.#over.signal.reason as unknown) ?? reason;
    } finally {
      deadline.end();
    }
  }

  async #connect(): Promise<SshLink> {
    const { target, context, connect } = this.#options;
    const user = target.host.user ?? (await this.#askUser());
    const check = await this.#hostKeyCheck();
    const recordedTypes = await check.recordedTypes();
    if (this.#over.signal.aborted) throw abortError(this.#over.signal);
    const link = new SshLink({
      ...{ host: target.host, log: context.log, user, connect, silence: target.silence, silenceCount: target.silenceCount },
      algorithms: offeredAlgorithms(recordedTypes, target.host.sftp.legacyAlgorithms, target.algorithms),
      verify: (key) => check.verify(key),
    });
    this.#link = link;
    const dialogue = new UserauthDialogue(link.client, user);
    link.signal.addEventListener('abort', () => this.#ended(dialogue, link.signal.reason as RemoteError), { once: true });
    await link.ready();
    this.#tellAlgorithms(link, check.peer?.fingerprint);
    await this.#logIn(dialogue, user, check.peer);
    this.#observe?.({ kind: 'loggedIn' });
    link.opened();
    await this.#remember(check);
    this.#warnOfOldAlgorithms(link);
    return link;
  }

  get #observe(): ConnectContext['observe'] {
    return this.#options.station === undefined ? this.#options.context.observe : undefined;
  }

  #tellAlgorithms({ negotiated, ident = '' }: SshLink, fingerprint: string | undefined): void {
    if (negotiated === undefined) return;
    const { kex: exchange, serverHostKey: hostKey, sc } = negotiated;
    this.#observe?.({ kind: 'ssh', software: ident, exchange, hostKey, fingerprint, cipher: sc.cipher });
  }

  #fail(reason: RemoteError): void {
    if (!this.#over.signal.aborted) this.#over.abort(reason);
    this.#link?.fail(reason);
  }

  #ended(dialogue: UserauthDialogue, reason: RemoteError): void {
    dialogue.end(reason);
    if (!this.#over.signal.aborted) this.#over.abort(reason);
  }

  #late(): RemoteError {
    const { address, port } = this.#options.target.host;
    if (this.#link?.strange) return this.#link.strange;
    return new RemoteError('Unreachable', t('{0}, port {1}, does not answer as an SSH server in time.', address, port), {
      hint: t('Check the address and port; the server or the network may be overloaded.'),
    });
  }

  async #hostKeyCheck(): Promise<HostKeyCheck> {
    const { target, context, hostName, station } = this.#options;
    const { trust, log, prompts } = context;
    const { host, place, unknownKeys } = target;
    const { address, port } = host;
    return new HostKeyCheck({
      ...{ host, place, unknownKeys, trust, log, knownHosts: await readKnownHosts(target.knownHosts, log) },
      admit: (identity, note) => this.#ask((signal) => prompts.admit({ hostName, station, address, port, identity, note, signal })),
    });
  }

  async #logIn(dialogue: UserauthDialogue, user: string, peer: Peer | undefined): Promise<void> {
    const { target, context, hostName, station } = this.#options;
    const { prompts, log } = context;
    const who = { hostName, station };
    await authenticate({
      ...{ target, environment: this.#environment, user, dialogue, log, observe: this.#observe },
      hasOpenssh: () => this.#hasOpenssh(),
      ask: {
        secret: (request) =>
          this.#ask((signal) => prompts.secret({ ...request, ...who, ...(request.kind === 'password' && { peer }), signal })),
        answers: (request) => this.#ask((signal) => prompts.answers({ ...request, ...who, peer, signal })),
        consent: (work) => this.#ask(() => work),
      },
    });
  }

  /** It goes its own way to the server, with neither our proxies nor other settings for the hosts on the way. */
  async #hasOpenssh(): Promise<boolean> {
    const { target, context, station } = this.#options;
    const { openssh } = context.reach ?? {};
    if (openssh === undefined || station !== undefined || target.host.proxy !== undefined) return false;
    return await programOf(context.reach).then(
      () => true,
      () => false,
    );
  }

  #askUser(): Promise<string> {
    const { target, context, hostName } = this.#options;
    return this.#ask((signal) => context.prompts.user({ hostName, address: target.host.address, signal }));
  }

  /** Asks the person while the clock stands still; rejects when they cancel, or at once when the attempt is over. */
  async #ask<T>(question: (signal: AbortSignal) => Promise<T | undefined>): Promise<T> {
    const { signal } = this.#over;
    const answer = (): Promise<T | undefined> =>
      new Promise((resolve, reject) => {
        const abort = (): void => reject(abortError(signal));
        if (signal.aborted) {
          abort();
          return;
        }
        signal.addEventListener('abort', abort, { once: true });
        question(signal)
          .then(resolve, reject)
          .finally(() => signal.removeEventListener('abort', abort));
      });
    const given = await (this.#deadline?.whileAsking(answer) ?? answer());
    if (given === undefined) throw new RemoteError('Cancelled', t('The log-in was cancelled.'));
    return given;
  }

  async #remember(check: HostKeyCheck): Promise<void> {
    try {
      await check.remember();
    } catch (error) {
      this.#options.context.log.error(`The accepted host key could not be kept: ${String(error)}`);
    }
  }

  #warnOfOldAlgorithms({ negotiated }: SshLink): void {
    const { context, hostName } = this.#options;
    const old = negotiated === undefined ? [] : outdated(negotiated);
    if (old.length === 0) return;
    context.log.warn(`The connection uses outdated methods: ${old.join(', ')}`);
    context.prompts.warn('legacyAlgorithms', hostName);
  }
}
