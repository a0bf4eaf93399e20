import { checkServerIdentity, type PeerCertificate, type TLSSocket } from 'node:tls';
import { RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import type { Identity } from '../../core/prompts.ts';

export type CertificateIdentity = Extract<Identity, { kind: 'certificate' }>;

/** What the server proved with, and whether the certificate authorities vouch for that name. */
export interface Presented {
  readonly identity: CertificateIdentity;
  /** A known authority signed it for this name and it is valid now. */
  readonly vouched: boolean;
  /** It was made for other names than the address, whoever signed it. */
  readonly isForOtherName: boolean;
}

/** The certificate of a connection whose handshake is done. Throws `Untrusted` where there is none. */
export function presented(socket: TLSSocket, address: string): Presented {
  const certificate = socket.getPeerCertificate() as Partial<PeerCertificate>;
  if (certificate.fingerprint256 === undefined) throw new RemoteError('Untrusted', t('The server showed no certificate.'));
  return {
    vouched: socket.authorized,
    isForOtherName: checkServerIdentity(address, certificate as PeerCertificate) !== undefined,
    identity: {
      kind: 'certificate',
      fingerprint: certificate.fingerprint256,
      subject: distinguishedName(certificate.subject),
      names: alternativeNames(certificate.subjectaltname),
      issuer: distinguishedName(certificate.issuer),
      validFrom: certificate.valid_from ?? '',
      validTo: certificate.valid_to ?? '',
      problem: socket.authorized ? '' : problem(socket, address),
    },
  };
}

/** `CN=ftp.example.org, O=Example`. */
export function distinguishedName(name: unknown): string {
  if (typeof name !== 'object' || name === null) return '';
  return Object.entries(name)
    .flatMap(([key, value]: [string, unknown]) => (Array.isArray(value) ? value : [value]).map((one) => `${key}=${String(one)}`))
    .join(', ');
}

/** Characters of a certificate's names that are looked at. */
const maxNames = 10_000;

/** The names of Node's `DNS:a, IP Address:b` form; a quoted one (it holds a comma) stays whole. */
export function alternativeNames(text: string | undefined): string[] {
  const names = (text ?? '').slice(0, maxNames).match(/(?:[^,"]|"(?:[^"\\]|\\.)*")+/g) ?? [];
  return names.map((name) => name.trim().replace(/^(?:DNS|IP Address):/, '')).filter((name) => name !== '');
}

function problem(socket: TLSSocket, address: string): string {
  // Node's types say Error; it is the code (a string) where OpenSSL refused, an Error where the name differs.
  const error: unknown = socket.authorizationError;
  const code = error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : String(error);
  switch (code) {
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return t('It is signed by the server itself, so nobody vouches for it.');
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return t('It is signed by an authority that this computer does not know.');
    case 'CERT_HAS_EXPIRED':
      return t('It has expired.');
    case 'CERT_NOT_YET_VALID':
      return t('It is not valid yet (or the clock of this computer is wrong).');
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return t('It was made for another name than {0}.', address);
    default:
      return t('It could not be verified ({0}).', code);
  }
}
