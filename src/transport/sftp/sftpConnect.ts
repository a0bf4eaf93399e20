import type { Duplex } from 'node:stream';
import type { Connect, ConnectContext } from '../../core/connect.ts';
import { abortError, RemoteError, toRemoteError } from '../../core/errors.ts';
import type { Host } from '../../core/host.ts';
import { t } from '../../core/l10n.ts';
import type { Log } from '../../core/log.ts';
import type { Peer } from '../../core/prompts.ts';
import type { Remote } from '../../core/remote.ts';
import { safeText } from '../../core/text.ts';
import { Deadline, promised } from '../deadline.ts';
import { offeredAlgorithms, outdated } from './algorithms.ts';
import { authenticate } from './authentication.ts';
import { sshEnvironment, type SshEnvironment } from './environment.ts';
import { HostKeyCheck, readKnownHosts } from './hostKeys.ts';
import { openSftp } from './sftpRemote.ts';
import { SshLink } from './sshLink.ts';
import { UserauthDialogue } from './userauth.ts';

/** Connects over SSH, checks the host key, logs in and opens the SFTP subsystem. No shell is needed. */
export const connectSftp: Connect = connectSftpWithin(promised.login);

/** `patience`: milliseconds for connecting and logging in, without the time that a person thinks. */
export function connectSftpWithin(patience: number): Connect {
  return async (host, context) => {
    try {
      return await new Attempt(host, context, sshEnvironment(), patience).run();
    } catch (error) {
      throw toRemoteError(error).with({ host: host.name });
    }
  };
}

class Attempt {
  readonly #host: Host;
  readonly #context: ConnectContext;
  readonly #environment: SshEnvironment;
  readonly #patience: number;
  /** Ends every question when the attempt is over. */
  readonly #over = new AbortController();
  #link: SshLink | undefined;
  #deadline: Deadline | undefined;

  constructor(host: Host, context: ConnectContext, environment: SshEnvironment, patience: number) {
    this.#host = host;
    this.#context = context;
    this.#environment = environment;
    this.#patience = patience;
  }

  async run(): Promise<Remote> {
    const deadline = (this.#deadline = new Deadline(this.#patience, this.#context.signal, () => this.#late()));
    const { signal } = deadline;
    signal.addEventListener('abort', () => this.#fail(abortError(signal)), { once: true });
    try {
      if (signal.aborted) throw abortError(signal);
      return await this.#connect();
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

  async #connect(): Promise<Remote> {
    const user = this.#host.user ?? (await this.#askUser());
    const check = await this.#hostKeyCheck();
    const recordedTypes = await check.recordedTypes();
    if (this.#over.signal.aborted) throw abortError(this.#over.signal);
    const link = new SshLink({
      ...{ host: this.#host, log: this.#context.log, user },
      algorithms: offeredAlgorithms(recordedTypes, this.#host.sftp.legacyAlgorithms),
      verify: (key) => check.verify(key),
    });
    this.#link = link;
    const dialogue = new UserauthDialogue(link.client, user);
    link.signal.addEventListener('abort', () => this.#ended(dialogue, link.signal.reason as RemoteError), { once: true });
    await link.ready();
    await this.#logIn(dialogue, user, check.peer);
    link.opened();
    await this.#remember(check);
    this.#warnOfOldAlgorithms(link);
    const channel = await openSubsystem(link, this.#context.log);
    return await openSftp(channel, {
      ...{ host: this.#host, log: this.#context.log, signal: this.#over.signal },
      ...{ serverIdent: link.ident, link: described(link), lost: link.lost },
      onClose: (reason) => link.close(reason),
    });
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
    const { address, port } = this.#host;
    if (this.#link?.strange) return this.#link.strange;
    return new RemoteError('Unreachable', t('{0}, port {1}, does not answer as an SSH server in time.', address, port), {
      hint: t('Check the address and port; the server or the network may be overloaded.'),
    });
  }

  async #hostKeyCheck(): Promise<HostKeyCheck> {
    const { trust, log, prompts } = this.#context;
    const { name: hostName, address, port } = this.#host;
    return new HostKeyCheck({
      ...{ host: this.#host, trust, log, knownHosts: await readKnownHosts(this.#environment.knownHosts, log) },
      admit: (identity, note) => this.#ask((signal) => prompts.admit({ hostName, address, port, identity, note, signal })),
    });
  }

  async #logIn(dialogue: UserauthDialogue, user: string, peer: Peer | undefined): Promise<void> {
    const { prompts, log } = this.#context;
    await authenticate({
      ...{ host: this.#host, environment: this.#environment, user, dialogue, log },
      ask: {
        secret: (request) => this.#ask((signal) => prompts.secret({ ...request, ...(request.kind === 'password' && { peer }), signal })),
        answers: (request) => this.#ask((signal) => prompts.answers({ ...request, peer, signal })),
        consent: (work) => this.#ask(() => work),
      },
    });
  }

  #askUser(): Promise<string> {
    const { name: hostName, address } = this.#host;
    return this.#ask((signal) => this.#context.prompts.user({ hostName, address, signal }));
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
      this.#context.log.error(`The accepted host key could not be kept: ${String(error)}`);
    }
  }

  #warnOfOldAlgorithms({ negotiated }: SshLink): void {
    const old = negotiated === undefined ? [] : outdated(negotiated);
    if (old.length === 0) return;
    this.#context.log.warn(`The connection uses outdated methods: ${old.join(', ')}`);
    this.#context.prompts.warn('legacyAlgorithms', this.#host.name);
  }
}

function openSubsystem(link: SshLink, log: Log): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const lost = (): void => reject(link.signal.reason as RemoteError);
    link.signal.addEventListener('abort', lost, { once: true });
    if (link.signal.aborted) throw link.signal.reason as RemoteError;
    link.client.subsys('sftp', (error, channel) => {
      link.signal.removeEventListener('abort', lost);
      if (error !== undefined) {
        reject(noSubsystem(error));
        return;
      }
      /* What nobody reads fills the window that it shares with the answers, and the memory of a server's choice. */
      channel.stderr.once('data', (chunk: Buffer) => log.debug(`The server’s SFTP program says: ${safeText(chunk.toString(), 500)}`));
      channel.stderr.resume();
      resolve(channel);
    });
  });
}

function noSubsystem(error: Error & { readonly reason?: unknown }): RemoteError {
  const hint = t('Ask the administrator of the server to allow SFTP for this login.');
  /* SSH_OPEN_RESOURCE_SHORTAGE, RFC 4254 §5.1 */
  if (error.reason === 4)
    return new RemoteError('Busy', t('The server has no room for another session.'), { cause: error, dropsConnection: true });
  return new RemoteError('Unsupported', t('The log-in succeeded, but the server offers no SFTP to it.'), {
    hint,
    cause: error,
    dropsConnection: true,
  });
}

function described({ negotiated }: SshLink): string {
  return negotiated === undefined ? '' : [negotiated.kex, negotiated.serverHostKey, negotiated.sc.cipher].join(', ');
}
