import type { ConnectContext } from '../../core/connect.ts';
import { RemoteError } from '../../core/errors.ts';
import type { Host } from '../../core/host.ts';
import { t } from '../../core/l10n.ts';
import { judge, peerOf, UntrustedError } from '../../core/trust.ts';
import type { Peer } from '../../core/prompts.ts';
import type { Deadline } from '../deadline.ts';
import type { Presented } from './certificate.ts';

/** How Ferry's store names what it keeps of a certificate. */
const algorithm = 'SHA-256';

/** What a person accepted in this log-in: asked once, remembered after the log-in succeeded. */
export interface Admission {
  fingerprint: string | undefined;
}

/** A server that one may go on with. */
export interface Admitted {
  readonly peer: Peer;
  /** To be called after the log-in succeeded. */
  remember(): Promise<void>;
}

/**
 * Whether to go on with the server that showed this certificate, before anything secret is sent. One that authorities vouch for passes;
 * else one that was accepted before; else a person decides. Throws `Untrusted` (UntrustedError where another one was accepted before).
 */
export async function admit(
  host: Host,
  { prompts, trust }: Pick<ConnectContext, 'prompts' | 'trust'>,
  shown: Presented,
  deadline: Deadline,
  admission: Admission,
): Promise<Admitted> {
  const { identity, vouched } = shown;
  const remember = (): Promise<void> => Promise.resolve();
  if (vouched) return { peer: { fingerprint: 'vouched', others: [] }, remember };
  const kept = trust.known('certificate', host.address, host.port);
  const verdict = judge(identity, kept);
  if (verdict === 'known') return { peer: peerOf(identity, kept), remember };
  if (verdict === 'changed') {
    const { address, port } = host;
    throw new UntrustedError({ verdict, address, port, presented: identity, expected: kept, source: 'Ferry' }, host.name);
  }
  if (admission.fingerprint !== identity.fingerprint) {
    const { name: hostName, address, port } = host;
    const accepted = await deadline.whileAsking(() => prompts.admit({ hostName, address, port, identity, signal: deadline.signal }));
    if (!accepted) throw new RemoteError('Untrusted', t('The certificate of {0} was not accepted.', host.address));
    admission.fingerprint = identity.fingerprint;
  }
  return {
    peer: peerOf(identity, []),
    remember: () => trust.remember('certificate', host.address, host.port, { algorithm, fingerprint: identity.fingerprint }),
  };
}
