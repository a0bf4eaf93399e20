import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { charsetOf, type Charset } from '../../core/charset.ts';
import type { Connect, ConnectContext } from '../../core/connect.ts';
import { abortError, isRemoteError, RemoteError, toRemoteError } from '../../core/errors.ts';
import type { Host } from '../../core/host.ts';
import { t } from '../../core/l10n.ts';
import type { Peer } from '../../core/prompts.ts';
import type { Remote } from '../../core/remote.ts';
import { Deadline } from '../deadline.ts';
import { proxyDialer, type ProxyDialer } from '../proxy/proxyDialer.ts';
import { checkUploads } from '../uploadChecks.ts';
import { FtpChecksums } from './checksums.ts';
import { openControl, type OpenControl } from './controlOpening.ts';
import type { ControlConnection } from './controlConnection.ts';
import { DataConnections } from './dataConnections.ts';
import { defaultDeadlines, endOnAbort, type Deadlines } from './deadlines.ts';
import { createFtpRemote } from './ftpRemote.ts';
import { createSession, type FtpSession } from './ftpSession.ts';
import { admit, type Admission, type Admitted } from './identity.ts';
import { logIn, type LoginState } from './login.ts';
import type { Reply } from './reply.ts';
import { protectData, survey, takesAllAtOnce, wantsOneAtATime, type Survey } from './survey.ts';

/** Connects to an FTP or FTPS server. */
export const connectFtp: Connect = connectFtpWithin(defaultDeadlines);

/** As `connectFtp`, with other deadlines than the product's. */
export function connectFtpWithin(deadlines: Deadlines): Connect {
  return async (host, context) => (await openFtp(host, context, deadlines)).remote;
}

/** A connection that is logged in: as all of Ferry uses it, and what it stands on. */
export interface OpenFtp {
  readonly remote: Remote;
  readonly session: FtpSession;
  readonly greeting: Reply;
}

/** As `connectFtp`, with what the Remote stands on. `at`: as in `openControl`. */
export async function openFtp(host: Host, context: ConnectContext, deadlines: Deadlines, at?: string): Promise<OpenFtp> {
  const expired = (): RemoteError =>
    new RemoteError('Unreachable', t('The server did not let us in within {0} seconds.', Math.round(deadlines.login / 1000)));
  const deadline = new Deadline(deadlines.login, context.signal, expired);
  let connecting: FtpConnecting | undefined;
  try {
    connecting = new FtpConnecting(host, context, deadline, deadlines, at);
    return await connecting.connect();
  } catch (error) {
    const reason = toRemoteError(deadline.signal.aborted ? abortError(deadline.signal) : error);
    throw (connecting?.judged(reason) ?? reason).with({ host: host.name });
  } finally {
    deadline.end();
  }
}

/** How long, in ms, a server that lost a command is sent one at a time, and so on: what it was may have been the link. */
const keptTime = 86_400_000;

function isKept(fact: { readonly learnedAt: number } | undefined): boolean {
  return fact !== undefined && Math.abs(Date.now() - fact.learnedAt) < keptTime;
}

class FtpConnecting {
  readonly #host: Host;
  readonly #context: ConnectContext;
  readonly #deadline: Deadline;
  readonly #deadlines: Deadlines;
  readonly #at: string | undefined;
  readonly #charset: Charset;
  readonly #proxy: ProxyDialer | undefined;
  readonly #login: LoginState = { refusals: 0, password: undefined, unheard: false, unanswered: false };
  readonly #admission: Admission = { fingerprint: undefined };

  constructor(host: Host, context: ConnectContext, deadline: Deadline, deadlines: Deadlines, at: string | undefined) {
    this.#host = host;
    this.#context = context;
    this.#deadline = deadline;
    this.#deadlines = deadlines;
    this.#at = at;
    this.#charset = charsetOf(host.charset);
    this.#proxy = proxyDialer(host, host.name, context);
  }

  async connect(): Promise<OpenFtp> {
    if (this.#host.protocol === 'ftp') this.#context.prompts.warn('plaintext', this.#host.name);
    for (;;) {
      try {
        return await this.#attempt();
      } catch (error) {
        // The server hung up while the person was thinking: their answer goes to a new connection, once.
        if (!isRemoteError(error, 'Lost') || !this.#login.unheard || this.#deadline.signal.aborted) throw error;
        this.#login.unheard = false;
      }
    }
  }

  /** Trying again would send the same password again, which only the person may decide. */
  judged(reason: RemoteError): RemoteError {
    if (!this.#login.unanswered || !isRemoteError(reason, 'Lost', 'Unreachable')) return reason;
    return new RemoteError('Lost', t('The connection was lost in the middle of the log-in: {0}', reason.message), {
      hint: t('Try again: Ferry does not repeat a log-in by itself.'),
      retryable: false,
      cause: reason,
    });
  }

  async #attempt(): Promise<OpenFtp> {
    const open = await openControl(this.#host, this.#context, this.#deadline, this.#deadlines, this.#proxy, this.#at);
    const { control } = open;
    const release = endOnAbort(control, this.#deadline.signal);
    try {
      return await this.#enter(open);
    } catch (error) {
      control.fail(toRemoteError(error));
      throw error;
    } finally {
      release();
    }
  }

  async #enter({ control, greeting, tls }: OpenControl): Promise<OpenFtp> {
    const host = this.#host;
    const admitted = tls && (await this.#judge(tls, control.socket));
    const { oneAtATime, brokenLists } = this.#context.profile;
    control.sequential = wantsOneAtATime(greeting) || isKept(oneAtATime);
    control.mixedUp = () => this.#context.learn({ oneAtATime: { learnedAt: Date.now() } });
    control.listBroken = () => this.#context.learn({ brokenLists: { learnedAt: Date.now() } });
    const { profile, log } = this.#context;
    const learn = this.#context.learn.bind(this.#context);
    const { dataConnect: connectDeadline } = this.#deadlines;
    const data = new DataConnections(control, tls?.connection, { host, profile, log, connectDeadline, learn, proxy: this.#proxy });
    const ask = async (): Promise<Survey> => {
      const protecting = tls && protectData(control);
      // First: of many small answers only some ten come before those are acknowledged, and this one leads to a connection.
      data.agreeEarly();
      const asked = survey(control, greeting, host, this.#charset);
      const [, found] = await Promise.all([protecting, asked]);
      return found;
    };
    const found = await this.#logIn(control, admitted?.peer, takesAllAtOnce(greeting), ask);
    const { listing } = host.ftp;
    const features = listing === undefined ? found.features : { ...found.features, mlst: false };
    if (tls) tls.connection.adapt(features);
    await admitted?.remember();
    data.takesEarlyContent = features.takesEarlyHandshake;
    control.queuesBehindTransfers = features.queuesBehindTransfers;
    control.queuesBehindData = features.queuesBehindData;
    control.keepsManyCommands = features.keepsManyCommands;
    const habits = {
      list: listing ?? 'LIST -a',
      mlsd: true,
      size: true,
      mdtm: true,
      endsAbruptly: false,
      statusMisses: 0,
      listMisses: isKept(brokenLists) ? Infinity : 0,
      renamesAtOnce: true,
    } as const;
    const session = createSession({
      host,
      control,
      data,
      charset: this.#charset,
      features,
      habits: { ...habits },
      log,
      deadlines: this.#deadlines,
    });
    const remote = createFtpRemote(session, { home: found.home, atomicReplace: profile.renameRefusesExisting !== true, learn });
    if (host.verify !== 'size') checkUploads(remote, new FtpChecksums(session), log);
    return { remote, session, greeting };
  }

  /** The log-in and `ask`, which is asked along with the password where the server takes it. */
  async #logIn(control: ControlConnection, peer: Peer | undefined, together: boolean, ask: () => Promise<Survey>): Promise<Survey> {
    let asked: Promise<Survey> | undefined;
    const onPassword = (): void => {
      asked = ask();
      asked.catch(() => {});
    };
    const login = { host: this.#host, charset: this.#charset, prompts: this.#context.prompts, peer };
    await logIn(control, { ...login, onPassword: together && !control.sequential ? onPassword : undefined }, this.#deadline, this.#login);
    this.#context.observe?.({ kind: 'loggedIn' });
    // After a refused password, or from a server that did not wait for its judgement, the answers are worth nothing.
    const early = this.#login.refusals === 0 ? await asked?.catch(() => undefined) : undefined;
    return early ?? ask();
  }

  async #judge(tls: NonNullable<OpenControl['tls']>, socket: Socket): Promise<Admitted> {
    const { identity, vouched, isForOtherName } = tls.shown;
    if (socket instanceof TLSSocket) {
      const [version, cipher] = [socket.getProtocol() ?? '', socket.getCipher().standardName];
      this.#context.observe?.({ kind: 'tls', version, cipher, certificate: identity, vouched, isForOtherName });
    }
    const asked = this.#admission.fingerprint;
    const admitted = await admit(this.#host, this.#context, tls.shown, this.#deadline, this.#admission);
    if (this.#admission.fingerprint !== asked) this.#login.unheard = true;
    tls.accept();
    return admitted;
  }
}
