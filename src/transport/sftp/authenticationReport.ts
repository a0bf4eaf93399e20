import { RemoteError } from '../../core/errors.ts';
import type { Host } from '../../core/host.ts';
import { t } from '../../core/l10n.ts';
import { safeText } from '../../core/text.ts';
import type { KeyProblem } from './keyCandidates.ts';

interface NoWayIn {
  readonly host: Host;
  readonly user: string;
  readonly methods: readonly string[];
  readonly hasOpenssh: () => Promise<boolean>;
}

/** There are about ten methods in all. */
const mostNamed = 12;

/** What was tried in a log-in and how it went, for the person who has to find out why it failed. */
export class AuthenticationReport {
  readonly #tried: string[] = [];
  readonly #methodsTried = new Set<string>();
  #keyNeedsOpenssh = false;

  /** `what`: plain words for the credential; `outcome`: plain words for what came of it. */
  add(method: string, what: string, outcome: string): void {
    this.#methodsTried.add(method);
    this.#tried.push(t('{0} ({1})', what, outcome));
  }

  /** Something that could not be tried, in plain words. */
  addProblem({ said, needsOpenssh }: KeyProblem): void {
    this.#tried.push(said);
    this.#keyNeedsOpenssh ||= needsOpenssh;
  }

  /** The error for a log-in that found no way in. `methods`: what the server listed last; `hasOpenssh`: whether the person's `ssh` could be used. */
  async failure({ host, user, methods, hasOpenssh }: NoWayIn): Promise<RemoteError> {
    const named = methods.slice(0, mostNamed).map((method) => safeText(method, 60));
    const offered = named.length === 0 ? t('no method at all') : [...named, ...(methods.length > mostNamed ? ['…'] : [])].join(', ');
    return new RemoteError('Auth', t('{0} refused the log-in of {1}.', host.address, user), {
      host: host.name,
      hint: [t('The server accepts: {0}.', offered), this.#triedSentence(), this.#advice(methods)].join(' '),
      ...(this.#suggestsOpenssh(methods) && (await hasOpenssh()) && { remedy: 'openssh' as const }),
    });
  }

  /** The error for a link that ended in the middle of a log-in. `said`: the server ended it, with these words; else it broke. */
  hungUp(host: Host, user: string, reason: RemoteError, said: boolean): RemoteError {
    if (!said) {
      return new RemoteError('Lost', t('The connection to {0} was lost in the middle of the log-in: {1}', host.address, reason.message), {
        host: host.name,
        hint: [this.#triedSentence(), t('Try again: Ferry does not repeat a log-in by itself.')].join(' '),
        retryable: false,
        cause: reason,
      });
    }
    return new RemoteError('Auth', t('{0} ended the log-in of {1}: {2}', host.address, user, reason.message), {
      host: host.name,
      hint: [this.#triedSentence(), t('Name the one right key for this host if many were tried, and try again after a moment.')].join(' '),
      cause: reason,
    });
  }

  /** Whether the person's own `ssh` may get in where nothing of ours could be tried. */
  #suggestsOpenssh(methods: readonly string[]): boolean {
    if (methods.includes('publickey')) return this.#keyNeedsOpenssh && !this.#methodsTried.has('publickey');
    return methods.length > 0 && !takesSecrets(methods);
  }

  #triedSentence(): string {
    return this.#tried.length === 0 ? t('Nothing of that could be tried.') : t('Tried: {0}.', this.#tried.join(', '));
  }

  #advice(methods: readonly string[]): string {
    if (this.#methodsTried.has('password') || this.#methodsTried.has('keyboard-interactive'))
      return t('Check the user name and the password.');
    if (takesSecrets(methods)) return t('Check the user name.');
    if (!methods.includes('publickey'))
      return t(
        'Ferry itself can use keys, passwords and questions. Where your own “ssh” gets in, set “client” to “openssh” for this host.',
      );
    return this.#methodsTried.has('publickey')
      ? t('A password is not accepted here. Add the public half of your key to the server, or name another key for this host.')
      : t('A password is not accepted here. Name your private key for this host.');
  }
}

function takesSecrets(methods: readonly string[]): boolean {
  return methods.includes('password') || methods.includes('keyboard-interactive');
}

/** An SSH_MSG_DISCONNECT, which has words and a number (RFC 4253 §11.1), rather than a link that broke. */
export function isSaidByServer({ cause }: RemoteError): boolean {
  return typeof cause === 'object' && cause !== null && 'code' in cause && typeof cause.code === 'number';
}
