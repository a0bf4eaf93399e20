import { getCiphers, getHashes } from 'node:crypto';
import type { Algorithms } from 'ssh2';
import { RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import { assembleAlgorithms } from '../../core/sshConfig/algorithmList.ts';
import type { AlgorithmKind } from '../../core/sshConfig/settings.ts';

/** Host key types (RFC 4253 §6.6 names of key blobs) that can be verified, best first. */
export const hostKeyTypes = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'ssh-rsa'] as const;

const exchanges = [
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group18-sha512',
  'diffie-hellman-group14-sha256',
  'diffie-hellman-group-exchange-sha256',
];
const oldExchanges = ['diffie-hellman-group14-sha1', 'diffie-hellman-group-exchange-sha1', 'diffie-hellman-group1-sha1'];

/** With the name that the runtime's crypto has for each. */
const ciphers: readonly (readonly [string, string])[] = [
  ['aes128-gcm@openssh.com', 'aes-128-gcm'],
  ['aes256-gcm@openssh.com', 'aes-256-gcm'],
  ['aes128-ctr', 'aes-128-ctr'],
  ['aes192-ctr', 'aes-192-ctr'],
  ['aes256-ctr', 'aes-256-ctr'],
];
const oldCiphers: readonly (readonly [string, string])[] = [
  ['aes256-cbc', 'aes-256-cbc'],
  ['aes192-cbc', 'aes-192-cbc'],
  ['aes128-cbc', 'aes-128-cbc'],
  ['3des-cbc', 'des-ede3-cbc'],
];

const macs: readonly (readonly [string, string])[] = [
  ['hmac-sha2-256-etm@openssh.com', 'sha256'],
  ['hmac-sha2-512-etm@openssh.com', 'sha512'],
  ['hmac-sha2-256', 'sha256'],
  ['hmac-sha2-512', 'sha512'],
];
const oldMacs: readonly (readonly [string, string])[] = [
  ['hmac-sha1-etm@openssh.com', 'sha1'],
  ['hmac-sha1', 'sha1'],
];

/**
 * What is offered to a server. `knownTypes` (key types that are on record for the host) come first among the host keys, so that a
 * server that has several shows the one that can be recognised. `legacy` adds SHA-1, CBC and small groups behind all else; so does `wanted`, the
 * lines of the person's ssh config, where they name them. Throws `Unsupported` where those leave nothing.
 */
export function offeredAlgorithms(
  knownTypes: readonly string[],
  legacy: boolean,
  wanted: Readonly<Partial<Record<AlgorithmKind, string>>> = {},
): Algorithms {
  const choose = (kind: AlgorithmKind, usual: readonly string[], old: readonly string[]): readonly string[] => {
    const spec = wanted[kind];
    const chosen = spec === undefined ? usual : assembleAlgorithms(spec, usual, [...new Set([...usual, ...old])]);
    if (chosen.length === 0) throw nothingLeft(kind, spec ?? '', usual);
    return chosen;
  };
  const ordered = [...hostKeyTypes].sort((a, b) => Number(knownTypes.includes(b)) - Number(knownTypes.includes(a)));
  const offered = {
    kex: choose('kexalgorithms', [...exchanges, ...(legacy ? oldExchanges : [])], oldExchanges),
    serverHostKey: choose(
      'hostkeyalgorithms',
      ordered.flatMap((type) => signatureAlgorithms(type, legacy)),
      ['ssh-rsa'],
    ),
    cipher: choose('ciphers', available([...ciphers, ...(legacy ? oldCiphers : [])], getCiphers()), available(oldCiphers, getCiphers())),
    hmac: choose('macs', available([...macs, ...(legacy ? oldMacs : [])], getHashes()), available(oldMacs, getHashes())),
    compress: ['none'],
  };
  return offered as Algorithms;
}

function nothingLeft(kind: AlgorithmKind, spec: string, usual: readonly string[]): RemoteError {
  return new RemoteError('Unsupported', t('“{0}” of your ssh config allows only methods that Ferry does not have: {1}', kind, spec), {
    hint: t('Add one that Ferry has: {0}.', usual.join(', ')),
  });
}

/** Signature algorithms of a key type, best first (RFC 8332 for RSA). */
function signatureAlgorithms(type: string, legacy: boolean): string[] {
  return type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256', ...(legacy ? ['ssh-rsa'] : [])] : [type];
}

function available(names: readonly (readonly [string, string])[], runtime: readonly string[]): string[] {
  const known = new Set(runtime);
  return names.filter(([, name]) => known.has(name)).map(([name]) => name);
}

const signaturesOfSha1 = new Set(['ssh-rsa', 'ssh-dss']);

/** Those of the negotiated algorithms that are no longer held safe. */
export function outdated(negotiated: Negotiated): string[] {
  const { kex, serverHostKey, cs, sc } = negotiated;
  const old = [...oldExchanges, ...signaturesOfSha1, ...oldCiphers.map(([name]) => name), ...oldMacs.map(([name]) => name)];
  const used = [kex, serverHostKey, cs.cipher, sc.cipher, cs.mac, sc.mac];
  return [...new Set(used)].filter((name) => old.includes(name));
}

/** What a key exchange settled on; `mac` is empty for ciphers that need none. */
export interface Negotiated {
  readonly kex: string;
  readonly serverHostKey: string;
  readonly cs: { readonly cipher: string; readonly mac: string };
  readonly sc: { readonly cipher: string; readonly mac: string };
}

/**
 * How an RSA or other key signs for this server. `accepted` is the server's `server-sig-algs` (RFC 8308); undefined where it sent none.
 * Undefined: nothing that both sides take.
 */
export function userSignature(
  type: string,
  accepted: readonly string[] | undefined,
  legacy: boolean,
): { readonly algorithm: string; readonly hash: string | undefined } | undefined {
  if (type !== 'ssh-rsa') return { algorithm: type, hash: undefined };
  const sha1 = { algorithm: 'ssh-rsa', hash: 'sha1' };
  const sha256 = { algorithm: 'rsa-sha2-256', hash: 'sha256' };
  if (accepted === undefined) return legacy ? sha1 : sha256;
  if (accepted.includes('rsa-sha2-512')) return { algorithm: 'rsa-sha2-512', hash: 'sha512' };
  if (accepted.includes('rsa-sha2-256')) return sha256;
  return legacy && accepted.includes('ssh-rsa') ? sha1 : undefined;
}
