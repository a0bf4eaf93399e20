import { RemoteError } from './errors.ts';
import { t } from './l10n.ts';
import type { Identity, Peer, TrustedIdentity } from './prompts.ts';

/**
 * What is to be done about an identity that a server showed.
 * `unknown`: nothing is kept for this address, the person is asked. `changed`: another one is kept, the connection is refused.
 * `revoked`: somebody declared this very identity invalid; nothing overrides that.
 */
export type Verdict = 'known' | 'unknown' | 'changed' | 'revoked';

/** Judges what a server shows by what Ferry itself keeps for the address. Never `revoked`. */
export function judge(presented: Pick<Identity, 'fingerprint'>, kept: readonly TrustedIdentity[]): Exclude<Verdict, 'revoked'> {
  if (kept.some((identity) => identity.fingerprint === presented.fingerprint)) return 'known';
  return kept.length === 0 ? 'unknown' : 'changed';
}

/** The server that showed `presented`, and is known by `known`. */
export function peerOf(presented: Pick<Identity, 'fingerprint'>, known: readonly TrustedIdentity[]): Peer {
  const others = known.map(({ fingerprint }) => fingerprint).filter((fingerprint) => fingerprint !== presented.fingerprint);
  return { fingerprint: presented.fingerprint, others: [...new Set(others)] };
}

/** Everything that `Ferry: Replace Host Key or Certificate…` needs to let a person decide. */
export interface UntrustedIdentity {
  readonly verdict: 'changed' | 'revoked';
  readonly address: string;
  readonly port: number;
  readonly presented: Identity;
  /** What is kept for the address; empty where `verdict` is `revoked`. */
  readonly expected: readonly TrustedIdentity[];
  /** Where `expected`, or the revocation, stands: a file, or `Ferry` for its own store. */
  readonly source: string;
}

/** `Untrusted`: the server does not prove to be the one that it was. Nothing secret was sent to it. */
export class UntrustedError extends RemoteError implements UntrustedIdentity {
  readonly verdict: UntrustedIdentity['verdict'];
  readonly address: string;
  readonly port: number;
  readonly presented: Identity;
  readonly expected: readonly TrustedIdentity[];
  readonly source: string;

  constructor(identity: UntrustedIdentity, host: string) {
    super('Untrusted', untrustedMessage(identity), { host, hint: untrustedHint(identity) });
    this.verdict = identity.verdict;
    this.address = identity.address;
    this.port = identity.port;
    this.presented = identity.presented;
    this.expected = identity.expected;
    this.source = identity.source;
  }
}

function untrustedMessage({ verdict, address, presented, expected, source }: UntrustedIdentity): string {
  const shown = describe(presented);
  if (verdict === 'revoked')
    return t('{0} shows the key {1}, which {2} declares revoked. The connection was refused.', address, shown, source);
  const before = expected.map(describe).join(', ');
  return presented.kind === 'hostKey'
    ? t(
        'The host key of {0} is not the one that is known. It shows {1}; {2} has {3}. The connection was refused.',
        address,
        shown,
        source,
        before,
      )
    : t(
        'The certificate of {0} is not the one that was accepted. It shows {1}; accepted was {2}. The connection was refused.',
        address,
        shown,
        before,
      );
}

function untrustedHint({ verdict }: UntrustedIdentity): string {
  if (verdict === 'revoked') return t('Ask the administrator of the server for its new key.');
  return t(
    'Somebody may be reading along, or the server was set up anew. Ask its administrator; if the change is right, run “Ferry: Replace Host Key or Certificate…”.',
  );
}

function describe(identity: { readonly fingerprint: string; readonly algorithm?: string }): string {
  return identity.algorithm === undefined ? identity.fingerprint : `${identity.algorithm} ${identity.fingerprint}`;
}
