import { readFile } from 'node:fs/promises';
import { RemoteError } from '../../core/errors.ts';
import type { Host } from '../../core/host.ts';
import { t } from '../../core/l10n.ts';
import type { Log } from '../../core/log.ts';
import type { Identity, Peer, TrustedIdentity, TrustStore } from '../../core/prompts.ts';
import { judge, peerOf, UntrustedError, type Verdict } from '../../core/trust.ts';
import { hostKeyTypes } from './algorithms.ts';
import { fingerprintOf, keyType, lookUp, parseKnownHosts, type HostRecord, type KnownHosts } from './knownHosts.ts';

/** Reads `known_hosts` files; one that is not there says nothing. They are never written. */
export async function readKnownHosts(files: readonly string[], log: Log): Promise<KnownHosts[]> {
  const read = await Promise.all(files.map((file) => readOne(file, log)));
  return read.filter((known) => known !== undefined);
}

async function readOne(file: string, log: Log): Promise<KnownHosts | undefined> {
  try {
    return parseKnownHosts(file, await readFile(file));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') log.warn(`${file} can't be read: ${message}`);
    return undefined;
  }
}

export interface Judgement {
  readonly verdict: Verdict;
  /** Where `changed`: what is on record. */
  readonly expected: readonly TrustedIdentity[];
  readonly source: string;
}

/**
 * The verdict on a presented host key, by `known_hosts` and by what Ferry keeps (`kept`). A revocation always wins. What the person
 * accepted in Ferry wins over another key in `known_hosts`, because it was a deliberate replacement. A key of a type that is not on
 * record, where another is, is `changed`: the types on record were asked for first, so the real server would have shown one.
 */
export function judgeHostKey(presented: TrustedIdentity, record: HostRecord, kept: readonly TrustedIdentity[]): Judgement {
  const same = ({ fingerprint }: TrustedIdentity): boolean => fingerprint === presented.fingerprint;
  const revoked = record.revoked.find(same);
  if (revoked !== undefined) return { verdict: 'revoked', expected: [], source: revoked.file };
  const own = judge(presented, kept);
  if (own === 'known' || record.keys.some(same) || record.confirming.some(same)) return { verdict: 'known', expected: [], source: '' };
  const verifiable = record.keys.filter(({ algorithm }) => (hostKeyTypes as readonly string[]).includes(algorithm));
  if (verifiable[0] !== undefined) return { verdict: 'changed', expected: verifiable, source: verifiable[0].file };
  return { verdict: own, expected: kept, source: 'Ferry' };
}

export interface HostKeyOptions {
  readonly host: Host;
  readonly knownHosts: readonly KnownHosts[];
  readonly trust: TrustStore;
  readonly log: Log;
  /** What the key is kept and looked up under, where that is not the host's own address (`HostKeyAlias`). */
  readonly place?: { readonly address: string; readonly port: number } | undefined;
  /** What becomes of a key that is not known; default `ask`. `refuse` and `accept` are the person's StrictHostKeyChecking. */
  readonly unknownKeys?: 'ask' | 'refuse' | 'accept' | undefined;
  /** Asks the person about an unknown key. */
  readonly admit: (identity: Identity, note: string | undefined) => Promise<boolean>;
}

/** The check of one connection's host key, from the key exchange to the remembering after the log-in. */
export class HostKeyCheck {
  readonly #options: HostKeyOptions;
  /** What the files say; looked up once. */
  #record: Promise<HostRecord> | undefined;
  #accepted: TrustedIdentity | undefined;
  #unknown: TrustedIdentity | undefined;
  #peer: Peer | undefined;

  constructor(options: HostKeyOptions) {
    this.#options = options;
  }

  /** Who the server is; once a key was verified. */
  get peer(): Peer | undefined {
    return this.#peer;
  }

  /** Key types on record for the host, to be asked for first. */
  async recordedTypes(): Promise<string[]> {
    const { keys, confirming } = await this.#recorded();
    return [...keys, ...confirming, ...this.#kept()].map((key) => key.algorithm);
  }

  /**
   * Returns for a key that may be used; throws `Untrusted` for one that may not, `Cancelled` where the person declines. Called for
   * every key exchange: the key must stay the same within a connection.
   */
  async verify(blob: Uint8Array): Promise<void> {
    const { log } = this.#options;
    const presented = { algorithm: keyType(blob) ?? 'unknown', fingerprint: fingerprintOf(blob) };
    const identity: Identity = { kind: 'hostKey', ...presented };
    if (this.#accepted !== undefined) {
      if (this.#accepted.fingerprint === presented.fingerprint) return;
      throw this.#refusal(identity, { verdict: 'changed', expected: [this.#accepted], source: t('this connection') });
    }
    const record = await this.#recorded();
    const judgement = judgeHostKey(presented, record, this.#kept());
    log.debug(`Host key ${presented.algorithm} ${presented.fingerprint}: ${judgement.verdict}`);
    if (judgement.verdict === 'changed' || judgement.verdict === 'revoked') throw this.#refusal(identity, judgement);
    if (judgement.verdict === 'unknown') {
      await this.#ask(identity, record);
      this.#unknown = presented;
    }
    this.#accepted = presented;
    // What a person accepted in Ferry may be in place of what the files say.
    const kept = this.#kept();
    this.#peer = peerOf(presented, judge(presented, kept) === 'known' ? kept : [...record.keys, ...record.confirming]);
  }

  /** Keeps what the person accepted. To be called when the log-in has succeeded. */
  async remember(): Promise<void> {
    const { address, port } = this.#place;
    if (this.#unknown !== undefined) await this.#options.trust.remember('hostKey', address, port, this.#unknown);
    this.#unknown = undefined;
  }

  get #place(): { readonly address: string; readonly port: number } {
    return this.#options.place ?? this.#options.host;
  }

  #recorded(): Promise<HostRecord> {
    const { address, port } = this.#place;
    return (this.#record ??= lookUp(this.#options.knownHosts, address, port));
  }

  #kept(): readonly TrustedIdentity[] {
    const { address, port } = this.#place;
    return this.#options.trust.known('hostKey', address, port);
  }

  async #ask(identity: Identity, record: HostRecord): Promise<void> {
    const { unknownKeys } = this.#options;
    if (unknownKeys === 'accept') return;
    if (unknownKeys === 'refuse') throw this.#unknownRefused(identity);
    const note = record.certificateAuthority
      ? t('known_hosts names a certificate authority for this server. Ferry can’t check host certificates, so it sees only this plain key.')
      : undefined;
    if (await this.#options.admit(identity, note)) return;
    const { name, address } = this.#options.host;
    throw new RemoteError('Cancelled', t('The host key of {0} was not accepted; nothing secret was sent.', address), { host: name });
  }

  #unknownRefused({ fingerprint }: Identity): RemoteError {
    const { name, address } = this.#options.host;
    return new RemoteError(
      'Untrusted',
      t('The host key of {0} ({1}) is not in known_hosts, and “StrictHostKeyChecking yes” refuses unknown ones.', address, fingerprint),
      { host: name, hint: t('Add the key to known_hosts, or change that line of your ssh config.') },
    );
  }

  #refusal(presented: Identity, { verdict, expected, source }: Judgement): UntrustedError {
    const { name } = this.#options.host;
    const { address, port } = this.#place;
    return new UntrustedError({ verdict: verdict === 'revoked' ? verdict : 'changed', address, port, presented, expected, source }, name);
  }
}
