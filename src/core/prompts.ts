/**
 * Questions to the person. Transports ask through this and never open a dialog. Every method resolves to undefined when the
 * person cancels or `signal` aborts. All `server…` text is raw server text; whoever shows it runs it through `safeText`.
 */
export interface Prompts {
  /** A password or passphrase: remembered ones are answered without a dialog unless `refused`. */
  secret(request: SecretRequest): Promise<string | undefined>;

  /** Keyboard-interactive (RFC 4256): one answer for each prompt, in order. */
  answers(request: AnswersRequest): Promise<readonly string[] | undefined>;

  /** A user name, where the host has none. */
  user(request: { readonly hostName: string; readonly address: string; readonly signal: AbortSignal }): Promise<string | undefined>;

  /** Whether to go on with a server that is not known yet. A *changed* or *revoked* identity is never asked here: it is refused. */
  admit(request: AdmitRequest): Promise<boolean>;

  /** What the person is to do elsewhere, such as touching a key; shown until `signal` aborts, not blocking. */
  notice(request: { readonly hostName: string; readonly text: string; readonly signal: AbortSignal }): void;

  /** Said once per host and topic, not blocking. */
  warn(topic: 'plaintext' | 'oldTls' | 'legacyAlgorithms', hostName: string): void;
}

/** What a secret belongs to; together the key under which it is kept, so that an edited address never receives the old one. */
export interface SecretOwner {
  readonly protocol: string;
  readonly user: string;
  readonly address: string;
  readonly port: number;
}

/** What the server proved itself by that a secret goes to. A secret is for the server that it was given to, and for no other in its place. */
export interface Peer {
  /** As in `Identity`; `vouched` for a certificate that authorities vouch for, since those are renewed all the time. */
  readonly fingerprint: string;
  /** What the same server is known by as well, such as its keys of other types. */
  readonly others: readonly string[];
}

export interface SecretRequest {
  readonly hostName: string;
  readonly owner: SecretOwner;
  /** Undefined: nothing proves who the server is (plain FTP), or the secret does not go there (a passphrase). */
  readonly peer?: Peer | undefined;
  /** Who asks, in plain words, where it is not the host itself but something on the way to it: `the jump host bastion`. */
  readonly station?: string | undefined;
  /** `file` names the key or certificate that a passphrase opens. */
  readonly kind: 'password' | 'passphrase';
  readonly file?: string | undefined;
  /** The one that was given before (remembered or typed) was refused: forget it, ask the person, say so. */
  readonly refused: boolean;
  /** Answered from what is kept, or not at all: nobody is asked. */
  readonly silent?: boolean | undefined;
  readonly signal: AbortSignal;
}

export interface AnswersRequest {
  readonly hostName: string;
  readonly owner: SecretOwner;
  /** As in `SecretRequest`. */
  readonly peer?: Peer | undefined;
  /** As in `SecretRequest`. */
  readonly station?: string | undefined;
  /** A program of this computer asks, and no server: the texts are its own, and no kept password is an answer. */
  readonly program?: string | undefined;
  readonly serverName: string;
  readonly serverInstructions: string;
  readonly prompts: readonly { readonly serverPrompt: string; readonly echo: boolean }[];
  /** How many rounds the server refused before in this log-in. */
  readonly refused: number;
  /** As in `SecretRequest`. */
  readonly silent?: boolean | undefined;
  readonly signal: AbortSignal;
}

/** What a server showed to prove itself. */
export type Identity =
  | {
      readonly kind: 'hostKey';
      readonly algorithm: string;
      /** `SHA256:…` without padding, as OpenSSH prints it. */ readonly fingerprint: string;
    }
  | {
      readonly kind: 'certificate';
      /** Colon-separated upper-case hex of SHA-256 over the DER form. */
      readonly fingerprint: string;
      readonly subject: string;
      readonly names: readonly string[];
      readonly issuer: string;
      readonly validFrom: string;
      readonly validTo: string;
      /** Why the system does not trust it, in plain words. */
      readonly problem: string;
    };

export interface AdmitRequest {
  readonly hostName: string;
  readonly address: string;
  readonly port: number;
  readonly identity: Identity;
  /** As in `SecretRequest`. */
  readonly station?: string | undefined;
  /** Something more that bears on the decision, in plain words of ours. */
  readonly note?: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Identities that the person accepted, kept by Ferry itself (never in `known_hosts`). Keyed by kind, address and port.
 * `remember` is called only after the log-in succeeded.
 */
export interface TrustStore {
  /** Accepted host keys (base64 of the key blob) or certificates (fingerprint) for this address. */
  known(kind: Identity['kind'], address: string, port: number): readonly TrustedIdentity[];
  remember(kind: Identity['kind'], address: string, port: number, identity: TrustedIdentity): Promise<void>;
}

export interface TrustedIdentity {
  readonly algorithm: string;
  /** As in `Identity`. */
  readonly fingerprint: string;
}
