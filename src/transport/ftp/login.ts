import type { Charset } from '../../core/charset.ts';
import { RemoteError } from '../../core/errors.ts';
import type { Host } from '../../core/host.ts';
import { t } from '../../core/l10n.ts';
import type { Peer, Prompts } from '../../core/prompts.ts';
import type { Deadline } from '../deadline.ts';
import { said, type ControlConnection } from './controlConnection.ts';
import { isCrowded, isCompletion, type Reply } from './reply.ts';

/** What survives from one control connection of a log-in to the next, where the server hangs up while a person thinks. */
export interface LoginState {
  /** Passwords that were refused. */
  refusals: number;
  /** Answered by the person, not sent yet. */
  password: string | undefined;
  /** A person answered something that no server heard yet. */
  unheard: boolean;
  /** A password went out that the server has not answered: it may have counted it. */
  unanswered: boolean;
}

const maxTries = 3;
/** Servers wait before they answer a wrong password, longer each time; the log-in as a whole has its own deadline. */
const patience = 60_000;

/** Who logs in where. */
export interface Login {
  readonly host: Host;
  readonly charset: Charset;
  readonly prompts: Prompts;
  /** What the server proved itself by; undefined without TLS. */
  readonly peer: Peer | undefined;
  /**
   * Called when the first password was sent: what is asked then travels with it. Never the password with the name, though: where the answer
   * to USER refuses the user, wants TLS or shows a challenge, no password must go out.
   */
  readonly onPassword?: (() => void) | undefined;
}

/** USER and PASS (RFC 959 §4.1.1). A refused password is asked for again, never sent again. Throws `Auth`, `Busy`, `Cancelled`, `Lost`. */
export async function logIn(control: ControlConnection, login: Login, deadline: Deadline, state: LoginState): Promise<void> {
  const { host, charset } = login;
  const user = host.user ?? 'anonymous';
  for (;;) {
    const named = await control.request(command('USER', user, charset), patience);
    if (isCompletion(named)) return;
    if (isBroken(named)) throw broken(named);
    if (named.code !== 331) throw refusedUser(named, host);
    const password = host.user === undefined ? 'anonymous@' : (state.password ?? (await ask(login, user, deadline, state)));
    state.password = undefined;
    if (control.reason) throw keep(state, password, control.reason);
    state.unheard = false;
    state.unanswered = true;
    const answering = control.request(command('PASS', password, charset), patience);
    if (state.refusals === 0) login.onPassword?.();
    const reply = await answering;
    if (isBroken(reply)) throw broken(reply);
    state.unanswered = false;
    if (isCompletion(reply)) return;
    if (reply.code === 332) throw wantsAccount();
    if (isCrowded(reply) || saysLater(reply)) throw crowded(reply);
    state.refusals++;
    if (host.user === undefined || state.refusals >= maxTries) throw refusedPassword(reply, host);
    // Asked before the next USER: if the server hangs up meanwhile, the answer goes to the next connection.
    state.password = await ask(login, user, deadline, state);
  }
}

async function ask({ host, prompts, peer }: Login, user: string, deadline: Deadline, state: LoginState): Promise<string> {
  const answer = await deadline.whileAsking(() =>
    prompts.secret({
      hostName: host.name,
      owner: { protocol: host.protocol, user, address: host.address, port: host.port },
      peer,
      kind: 'password',
      refused: state.refusals > 0,
      signal: deadline.signal,
    }),
  );
  if (answer === undefined) throw new RemoteError('Cancelled', t('No password was given.'));
  state.unheard = true;
  return answer;
}

function command(verb: 'USER' | 'PASS', text: string, charset: Charset): string {
  if (/[\r\n\0]/.test(text)) {
    throw new RemoteError('Auth', t('A user name or password with a line break in it can’t be used with FTP.'));
  }
  return `${verb} ${Buffer.from(charset.encode(text)).toString('latin1')}`;
}

function keep(state: LoginState, password: string, reason: RemoteError): RemoteError {
  state.password = password;
  return reason;
}

export function crowded(reply: Reply): RemoteError {
  return new RemoteError('Busy', t('The server takes no more connections now: {0}', said(reply)), { dropsConnection: true });
}

/** vsftpd's last words when the part of it that checks passwords died: no answer to the log-in. */
function isBroken(reply: Reply): boolean {
  return reply.code === 500 && /OOPS: .*(?:child died|priv_sock)/.test(reply.lines.join(' '));
}

function broken(reply: Reply): RemoteError {
  return new RemoteError('Lost', t('The server ended the connection: {0}', said(reply)), { dropsConnection: true });
}

/** A transient refusal (RFC 959 §4.2.1) that says so in words too: some servers answer a wrong password with 430 or 4yz alone. */
function saysLater(reply: Reply): boolean {
  return (
    reply.code >= 400 &&
    reply.code < 500 &&
    reply.code !== 430 &&
    /temporar|later|again|busy|moment|not available/i.test(reply.lines.join(' '))
  );
}

function wantsAccount(): RemoteError {
  return new RemoteError('Auth', t('The server wants an account besides user and password (ACCT), which Ferry does not support.'));
}

function refusedUser(reply: Reply, host: Host): RemoteError {
  if (reply.code === 332) return wantsAccount();
  if (isCrowded(reply) || saysLater(reply)) return crowded(reply);
  const wantsTls = host.protocol === 'ftp' && /\b(?:TLS|SSL|encrypt\w*|secure|cleartext)\b/i.test(reply.lines.join(' '));
  return new RemoteError('Auth', t('The server refused the user: {0}', said(reply)), {
    hint: wantsTls
      ? t('The server wants encryption: set "protocol" of the host to ftps.')
      : host.user === undefined
        ? t('It may not take anonymous log-ins: set "user" of the host.')
        : t('Check "user" of the host.'),
  });
}

function refusedPassword(reply: Reply, host: Host): RemoteError {
  const wantsTls = host.protocol === 'ftp' && /\b(?:TLS|SSL|encrypt\w*|cleartext)\b/i.test(reply.lines.join(' '));
  return new RemoteError('Auth', t('The server refused the log-in: {0}', said(reply)), {
    hint: wantsTls ? t('The server wants encryption: set "protocol" of the host to ftps.') : t('Check user and password.'),
  });
}
