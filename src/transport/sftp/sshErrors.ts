import { RemoteError, type RemoteErrorCode } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import { safeText } from '../../core/text.ts';

/** What is known about a connection when an error comes up. */
export interface SshSituation {
  readonly address: string;
  readonly port: number;
  /** `connecting`: until the key exchange is done; `loggingIn`: until the log-in succeeded. */
  readonly phase: 'connecting' | 'loggingIn' | 'open';
  /** The first bytes that the server sent, at most a few hundred. */
  readonly greeting: string;
}

interface Ssh2Error {
  readonly message?: string;
  readonly level?: string;
  /** A system error's name, or the number of an SSH_MSG_DISCONNECT (RFC 4253 §11.1). */
  readonly code?: string | number;
  readonly errors?: readonly { readonly code?: string }[];
}

/** An error of a socket or of `ssh2` as what it means. */
export function sshError(error: unknown, situation: SshSituation): RemoteError {
  const { message = '', level, code, errors } = error as Ssh2Error;
  const make = (kind: RemoteErrorCode, text: string, hint?: string): RemoteError => new RemoteError(kind, text, { hint, cause: error });
  const early = situation.phase !== 'open';
  if (typeof code === 'number') return disconnected(code, message, make, early);
  if (typeof code === 'string' && early && situation.greeting === '') return unreachable(errors?.[0]?.code ?? code, situation, make);
  if (level === 'handshake' || message.startsWith('Handshake failed')) return handshakeFailed(message, make);
  if (level === 'client-timeout') return make('Lost', t('The server no longer answers.'));
  if (situation.phase === 'connecting') return notSsh(situation, make);
  return make('Lost', t('The connection was lost: {0}', safeText(message, 200)));
}

/** A connection that ended without an error. */
export function closedError(situation: SshSituation): RemoteError {
  const make = (kind: RemoteErrorCode, text: string, hint?: string): RemoteError => new RemoteError(kind, text, { hint });
  if (situation.phase === 'connecting') return notSsh(situation, make);
  if (situation.phase === 'loggingIn') return make('Lost', t('The server closed the connection during the log-in.'));
  return make('Lost', t('The server closed the connection.'));
}

type Make = (kind: RemoteErrorCode, text: string, hint?: string) => RemoteError;

function disconnected(reason: number, words: string, make: Make, early: boolean): RemoteError {
  const text = t('The server ended the connection: {0}', safeText(words, 200));
  if (reason === 12) return make('Busy', text, t('It has too many connections; try again later or use fewer connections for this host.'));
  return make(early ? 'Unreachable' : 'Lost', text);
}

function unreachable(code: string, { address, port }: SshSituation, make: Make): RemoteError {
  switch (code) {
    case 'ENOTFOUND':
      return make(
        'Unreachable',
        t('There is no server with the name {0}.', address),
        t('Check the address, and that this computer is online.'),
      );
    case 'EAI_AGAIN':
      return make('Unreachable', t('The name {0} could not be looked up.', address), t('Check that this computer is online.'));
    case 'ECONNREFUSED':
      return make('Unreachable', t('Nothing answers at {0}, port {1}.', address, port), t('Check the port, and that the SSH server runs.'));
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
      return make(
        'Unreachable',
        t('There is no way to {0} from here.', address),
        t('Check the network, a VPN that the server may need, and the address.'),
      );
    case 'ETIMEDOUT':
      return make('Unreachable', t('{0} does not answer.', address), t('Check the address and port; a firewall may be in between.'));
    default:
      return make('Unreachable', t('{0}, port {1}, can’t be reached ({2}).', address, port, safeText(code, 40)));
  }
}

function handshakeFailed(message: string, make: Make): RemoteError {
  if (message.includes('signature verification')) {
    return make('Untrusted', t('The server could not prove that its host key is its own. The connection was refused.'));
  }
  const missing = /no matching (.+)$/.exec(message)?.[1];
  if (missing === undefined) return make('Unreachable', t('No secure connection came about: {0}', safeText(message, 200)));
  return make(
    'Unsupported',
    t('The server and Ferry have no safe method in common ({0}).', safeText(missing, 60)),
    t('For an old server that can’t be updated, allow “legacyAlgorithms” for this host.'),
  );
}

/** What other servers say first, and what that calls for. */
const otherServers: readonly (readonly [RegExp, () => string])[] = [
  [/^(?:220|421|120)[ -]/, () => t('It looks like an FTP server: choose FTP or FTPS, or the port of SSH (mostly 22).')],
  [/^HTTP\/|^<(?:html|!doctype)/i, () => t('It looks like a web server; the port of SSH is mostly 22.')],
  [/^[\x14-\x17]\x03/, () => t('It speaks TLS; the port of SSH is mostly 22.')],
];

/** Whether a server's first words show that it is one of another kind, so that there is nothing to wait for. */
export function speaksOtherwise(greeting: string): boolean {
  return otherServers.some(([words]) => words.test(greeting));
}

function notSsh({ address, port, greeting }: SshSituation, make: Make): RemoteError {
  if (/^Exceeded MaxStartups/i.test(greeting)) return make('Busy', t('The server has too many log-ins under way. Try again in a moment.'));
  if (/^Not allowed at this time/i.test(greeting)) return keptOut(greeting);
  const text = t('What answers at {0}, port {1}, is not an SSH server.', address, port);
  if (greeting.startsWith('SSH-'))
    return make(
      'Unreachable',
      t('The server closed the connection before the log-in.'),
      t('Try again after a moment: it may be busy, or block this address for a while.'),
    );
  const hint = otherServers.find(([words]) => words.test(greeting))?.[1];
  if (hint !== undefined) return make('Unreachable', text, hint());
  const said = safeText(greeting, 120);
  if (said !== '') return make('Unreachable', text, t('It said: {0}', said));
  if (greeting !== '') return make('Unreachable', text);
  return make(
    'Unreachable',
    t('{0}, port {1}, closed the connection at once.', address, port),
    t('It may be busy, block this address, or not be an SSH server.'),
  );
}

/** OpenSSH 9.8's PerSourcePenalties: each further knock would prolong it. */
function keptOut(greeting: string): RemoteError {
  return new RemoteError('Unreachable', t('The server keeps this computer out for a while: {0}', safeText(greeting.trim(), 80)), {
    hint: t('It does so mostly after failed log-ins. Check how you log in, and try again in a few minutes.'),
    retryable: false,
  });
}
